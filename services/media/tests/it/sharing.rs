use futures::future::join_all;
use http::StatusCode;
use rstest::rstest;
use weft_domain::{Role, id};
use weft_proto::media::v1::{HoldFilesRequest, ReleaseFilesRequest};

use crate::rig::{Engine, Person, Rig, bytes_of, get, refusal, upload};

const TEXT: &[u8] = b"the same words";

async fn uploaded(rig: &Rig, person: &Person, content: &[u8]) -> String {
    let file = rig.upload(person, "a.txt", "text/plain", content).await;
    file.get("id").unwrap().as_str().unwrap().to_owned()
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_tenant_has_twice_lies_on_disk_once_and_goes_with_its_last_file(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.agent(), rig.agent());
    let (first, second) = (uploaded(&rig, &ours, TEXT).await, uploaded(&rig, &ours, TEXT).await);
    assert_ne!(first, second);
    assert_eq!(rig.on_disk().len(), 1);
    assert_eq!(rig.storage(&ours).await, (2, TEXT.len() as u64));

    // another tenant's are their own
    let foreign = uploaded(&rig, &theirs, TEXT).await;
    assert_eq!(rig.on_disk().len(), 2);
    rig.delete_file(&theirs, &foreign).await.unwrap();
    assert_eq!((rig.on_disk().len(), rig.storage(&theirs).await), (1, (0, 0)));

    let link = rig.get_file(&ours, &second).await.unwrap().url.unwrap();
    rig.delete_file(&ours, &first).await.unwrap();
    assert_eq!(bytes_of(rig.call(get(&link)).await).await, TEXT);
    assert_eq!(rig.storage(&ours).await, (1, TEXT.len() as u64));
    rig.delete_file(&ours, &second).await.unwrap();
    assert_eq!((rig.on_disk().len(), rig.storage(&ours).await), (0, (0, 0)));
    assert_eq!(refusal(rig.call(get(&link)).await).await, (404, "not_found".into()));

    // and it may come again
    let again = uploaded(&rig, &ours, TEXT).await;
    let link = rig.get_file(&ours, &again).await.unwrap().url.unwrap();
    assert_eq!(bytes_of(rig.call(get(&link)).await).await, TEXT);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_the_last_one_goes_keeps_their_bytes(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let ours = rig.agent();
    for _ in 0..5 {
        let going = uploaded(&rig, &ours, TEXT).await;
        let deleted = rig.delete_file(&ours, &going);
        let (deleted, come) = futures::join!(deleted, join_all((0..4).map(|_| uploaded(&rig, &ours, TEXT))));
        deleted.unwrap();
        assert_eq!((rig.on_disk().len(), rig.storage(&ours).await), (1, (4, TEXT.len() as u64)));
        for id in &come {
            let link = rig.get_file(&ours, id).await.unwrap().url.unwrap();
            assert_eq!(bytes_of(rig.call(get(&link)).await).await, TEXT);
        }
        let all_at_once = join_all(come.iter().map(|id| rig.delete_file(&ours, id))).await;
        assert!(all_at_once.iter().all(Result::is_ok), "{all_at_once:?}");
        assert_eq!((rig.on_disk().len(), rig.storage(&ours).await), (0, (0, 0)));
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_has_used_its_room_waits_for_itself_alone(#[case] engine: Engine) {
    let rig = Rig::configured(engine, |config| config.quota_bytes = 100).await;
    let (ours, theirs) = (rig.agent(), rig.agent());
    let first = uploaded(&rig, &ours, &[b'a'; 60]).await;
    let more = async |content: &[u8]| rig.call(upload(&ours.token, "b.txt", "text/plain", content)).await;
    let refused = more(&[b'b'; 41]).await;
    assert_eq!(refusal(refused).await, (422, "storage_quota_exceeded".into()));
    assert_eq!((rig.on_disk().len(), rig.storage(&ours).await), (1, (1, 60)));
    // what is there already takes no more room
    assert_eq!(more(&[b'a'; 60]).await.status(), StatusCode::CREATED);
    assert_eq!(more(&[b'b'; 40]).await.status(), StatusCode::CREATED);
    let full = more(b"c").await;
    assert_eq!(refusal(full).await, (422, "storage_quota_exceeded".into()));
    uploaded(&rig, &theirs, &[b'a'; 60]).await;

    rig.delete_file(&ours, &first).await.unwrap();
    assert_eq!(refusal(more(b"c").await).await.0, 422, "its twin still needs the room");
    assert_eq!(rig.storage(&ours).await, (2, 100));
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_do_not_pass_the_quota_together(#[case] engine: Engine) {
    let rig = Rig::configured(engine, |config| config.quota_bytes = 100).await;
    let ours = rig.agent();
    let contents: Vec<_> = (b'a'..=b'h').map(|byte| vec![byte; 30]).collect();
    let uploads = contents.iter().map(|one| rig.call(upload(&ours.token, "a.txt", "text/plain", one)));
    let answers = join_all(uploads).await;
    let kept = answers.iter().filter(|answer| answer.status() == StatusCode::CREATED).count();
    assert_eq!(kept, 3);
    assert_eq!((rig.on_disk().len(), rig.storage(&ours).await), (3, (3, 90)));
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_something_holds_stays_until_the_last_one_lets_it_go(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.agent(), rig.agent());
    let (file, other) = (uploaded(&rig, &ours, TEXT).await, uploaded(&rig, &ours, b"other").await);
    let hold = async |holder: &str, of: &Person| {
        let ids = vec![file.clone(), "garbage".into(), id::new::<id::File>().to_string()];
        let request = HoldFilesRequest { tenant_id: of.tenant.to_string(), ids, holder: holder.into() };
        rig.transfer.clone().hold_files(request).await.unwrap().into_inner().ids
    };
    let release = async |holder: &str, of: &Person, ids: &[&String]| {
        let ids = ids.iter().map(|&id| id.clone()).collect();
        let request = ReleaseFilesRequest { tenant_id: of.tenant.to_string(), ids, holder: holder.into() };
        rig.transfer.clone().release_files(request).await.unwrap().into_inner().deleted_ids
    };
    for holder in ["msg_1", "msg_1", "msg_2"] {
        assert_eq!(hold(holder, &ours).await, std::slice::from_ref(&file));
    }
    assert!(hold("msg_3", &theirs).await.is_empty());
    let admin = rig.colleague(&ours, Role::Admin);
    assert_eq!(rig.delete_file(&admin, &file).await.unwrap_err().reason(), "file_in_use");

    assert!(release("msg_1", &theirs, &[]).await.is_empty());
    assert!(release("msg_1", &ours, &[&other]).await.is_empty(), "it does not hold that one");
    assert!(release("msg_1", &ours, &[&file]).await.is_empty());
    assert!(release("msg_1", &ours, &[]).await.is_empty(), "again changes nothing");
    assert_eq!(rig.delete_file(&admin, &file).await.unwrap_err().reason(), "file_in_use");
    assert_eq!(release("msg_2", &ours, &[]).await, std::slice::from_ref(&file));
    assert_eq!((rig.on_disk().len(), rig.storage(&ours).await), (1, (1, 5)));
    assert!(rig.get_file(&ours, &file).await.is_err());
    assert!(release("msg_2", &ours, &[]).await.is_empty());
}
