use rstest::rstest;
use weft_domain::{ErrorCode, Role, id};

use crate::rig::{Engine, Rig};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn people_delete_what_they_uploaded_and_supervisors_what_anybody_did(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let ours = rig.agent();
    let mut files = Vec::new();
    for content in [b"1", b"2"] {
        files
            .push(rig.upload(&ours, "a.txt", "text/plain", content).await["id"].as_str().unwrap().to_owned());
    }
    let (peer, supervisor) = (rig.colleague(&ours, Role::Agent), rig.colleague(&ours, Role::Supervisor));
    let refused = rig.delete_file(&peer, &files[0]).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (ErrorCode::Forbidden, "permission_denied"));
    rig.delete_file(&ours, &files[0]).await.unwrap();
    rig.delete_file(&supervisor, &files[1]).await.unwrap();
    assert!(rig.on_disk().is_empty());
    let again = rig.delete_file(&ours, &files[0]).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::NotFound);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_deletes_another_tenants_file(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (theirs, admin) = (rig.agent(), rig.person(Role::Admin, None));
    let file = rig.upload(&theirs, "a.txt", "text/plain", b"x").await["id"].as_str().unwrap().to_owned();
    let told = async |id: &str| {
        let error = rig.delete_file(&admin, id).await.unwrap_err();
        (error.code(), error.reason().to_owned(), error.message().to_owned())
    };
    let foreign = told(&file).await;
    assert_eq!(foreign.0, ErrorCode::NotFound);
    assert_eq!(foreign, told(&id::new::<id::File>().to_string()).await);
    assert_eq!(rig.on_disk().len(), 1);
}
