use chrono::TimeDelta;
use futures::{TryStreamExt as _, future::join_all, stream};
use rstest::rstest;
use weft_domain::{ErrorCode, id};
use weft_proto::media::v1::{
    DescribeFilesRequest, File, ReadFileRequest, StoreFileEnd, StoreFileHead, StoreFilePart, read_file_part,
    store_file_part::Part,
};

use crate::rig::{Engine, MAX_BYTES, Rig, bytes_of, get, refusal};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_stores_once_however_many_come_at_once(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (id::new(), id::new());
    let same = (0..8).map(|_| rig.store(ours, "chan:1", vec![b"OggS", b"rest"]));
    let files: Vec<_> = join_all(same).await.into_iter().map(Result::unwrap).collect();
    assert!(files.iter().all(|file| file.id == files[0].id), "{files:?}");
    assert_eq!(files[0].mime, "audio/ogg");
    assert_eq!(rig.on_disk().len(), 1);
    assert_eq!(rig.store(ours, "chan:1", vec![b"ignored"]).await.unwrap(), files[0]);
    assert_ne!(rig.store(theirs, "chan:1", vec![b"other"]).await.unwrap().id, files[0].id);
    assert_ne!(
        rig.store(ours, "", vec![b"x"]).await.unwrap(),
        rig.store(ours, "", vec![b"x"]).await.unwrap()
    );
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_file_is_read_back_in_parts_and_only_by_its_tenant(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (id::new(), id::new());
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let file = rig.store(ours, "k", content.chunks(70_000).collect()).await.unwrap();
    assert_eq!(file.size, 800_000);
    let read = async |tenant: weft_domain::TenantId| {
        let request =
            ReadFileRequest { tenant_id: tenant.to_string(), id: file.id.clone(), subject: String::new() };
        let mut parts = rig.transfer.clone().read_file(request).await?.into_inner();
        let mut all = Vec::new();
        while let Some(part) = parts.try_next().await? {
            all.push(part.part.unwrap());
        }
        Ok::<_, tonic::Status>(all)
    };
    let parts = read(ours).await.unwrap();
    let read_file_part::Part::Head(head) = &parts[0] else { panic!("the first part is the head") };
    let link = head.url.clone().unwrap();
    assert_eq!(File { url: None, url_expires_at: None, ..head.clone() }, file);
    let sizes: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            read_file_part::Part::Data(data) => Some(data.clone()),
            read_file_part::Part::Head(_) => None,
        })
        .collect();
    assert_eq!(sizes.concat(), content);
    assert!(sizes.iter().all(|part| part.len() <= 256 * 1024));
    assert_eq!(read(theirs).await.unwrap_err().code(), tonic::Code::NotFound);

    // whom the file is sent to may come late
    rig.clock.advance(TimeDelta::days(6));
    assert_eq!(bytes_of(rig.call(get(&link)).await).await, content);
    rig.clock.advance(TimeDelta::days(2));
    assert_eq!(refusal(rig.call(get(&link)).await).await.1, "link_expired");

    let describe = async |tenant: weft_domain::TenantId| {
        let ids = vec![id::new::<id::File>().to_string(), "garbage".into(), file.id.clone()];
        let request = DescribeFilesRequest { tenant_id: tenant.to_string(), ids };
        rig.transfer.clone().describe_files(request).await.unwrap().into_inner().items
    };
    assert_eq!(describe(ours).await, std::slice::from_ref(&file));
    assert!(describe(theirs).await.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_for_who_opens_it_now_is_over_soon() {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = id::new();
    let file = rig.store(tenant, "k", vec![b"OggS"]).await.unwrap();
    let request = ReadFileRequest {
        tenant_id: tenant.to_string(),
        id: file.id.clone(),
        subject: "visitor:1".to_owned(),
    };
    let mut parts = rig.transfer.clone().read_file(request).await.unwrap().into_inner();
    let first = parts.try_next().await.unwrap().unwrap().part.unwrap();
    let read_file_part::Part::Head(head) = first else { panic!("the first part is the head") };
    let link = head.url.unwrap();
    rig.clock.advance(TimeDelta::minutes(4));
    assert_eq!(bytes_of(rig.call(get(&link)).await).await, "OggS");
    rig.clock.advance(TimeDelta::minutes(2));
    assert_eq!(refusal(rig.call(get(&link)).await).await.1, "link_expired");
}

#[rstest]
#[case::at_its_end(vec![b"<html><script>".to_vec()])]
#[case::before_the_rest_comes(vec![b"<html><script>".to_vec(), vec![b' '; 10_000], vec![b' '; 10_000]])]
#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_is_not_accepted_is_refused_by_content_and_nothing_stays(#[case] chunks: Vec<Vec<u8>>) {
    let rig = Rig::new(Engine::Sqlite).await;
    let head = |accept: &[&str]| StoreFileHead {
        tenant_id: id::new::<id::Tenant>().to_string(),
        name: "photo.html".to_owned(),
        declared_mime: "image/png".to_owned(),
        accept: accept.iter().map(|&mime| mime.to_owned()).collect(),
        ..StoreFileHead::default()
    };
    let size = chunks.iter().map(|bytes| bytes.len() as u64).sum();
    let parts: Vec<_> = chunks.into_iter().map(|bytes| Part::Data(bytes.into())).collect();
    let send = async |accept: &[&str]| {
        let end = Part::End(StoreFileEnd { size });
        rig.send_parts([Part::Head(head(accept))].into_iter().chain(parts.clone()).chain([end])).await
    };
    let refused = send(&["image/*", "text/plain"]).await.unwrap_err();
    assert_eq!((refused.reason(), refused.field()), ("file_type_refused", Some("file")));
    rig.until_on_disk("nothing", <[_]>::is_empty).await;
    assert_eq!(send(&["image/*", "text/html"]).await.unwrap().mime, "text/html");
    assert_eq!(send(&[]).await.unwrap().mime, "text/html");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_file_must_have_a_head_and_bytes_and_not_too_many() {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = id::new();
    let empty = rig.store(tenant, "", vec![b""]).await.unwrap_err();
    assert_eq!((empty.code(), empty.reason()), (ErrorCode::Invalid, "empty_file"));
    let chunk = vec![0; 100_000];
    let chunks = usize::try_from(MAX_BYTES / 100_000).unwrap() + 1;
    let large = rig.store(tenant, "", vec![&chunk; chunks]).await.unwrap_err();
    assert_eq!((large.code(), large.reason()), (ErrorCode::TooLarge, "file_too_large"));
    let headless = StoreFilePart { part: Some(Part::Data("x".into())) };
    let refused = rig.transfer.clone().store_file(stream::iter([headless])).await.unwrap_err();
    assert_eq!(weft_rpc::error(&refused).reason(), "missing_head");
    rig.until_on_disk("nothing", <[_]>::is_empty).await;
}

#[rstest]
#[case::without_a_last_part(None)]
#[case::with_bytes_missing(Some(Part::End(StoreFileEnd { size: 9 })))]
#[case::with_a_part_of_another_kind(Some(Part::Head(StoreFileHead::default())))]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_off_is_not_kept_and_can_be_sent_again(#[case] last: Option<Part>) {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = id::new();
    let head =
        StoreFileHead { tenant_id: tenant.to_string(), key: "chan:1".to_owned(), ..StoreFileHead::default() };
    let parts = [Part::Head(head), Part::Data("the first ha".into())].into_iter().chain(last);
    let refused = rig.send_parts(parts).await.unwrap_err();
    assert!(["file_cut_off", "unexpected_head"].contains(&refused.reason()), "{refused}");
    rig.until_on_disk("nothing", <[_]>::is_empty).await;
    let whole = rig.store(tenant, "chan:1", vec![b"the first half and the second"]).await.unwrap();
    assert_eq!(whole.size, 29);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_services_of_the_fleet_transfer_files() {
    let rig = Rig::new(Engine::Sqlite).await;
    let request = DescribeFilesRequest { tenant_id: rig.agent().tenant.to_string(), ids: vec![] };
    let answer = rig.anonymous_transfer().describe_files(request).await.unwrap_err();
    assert_eq!(answer.code(), tonic::Code::Unauthenticated);
}
