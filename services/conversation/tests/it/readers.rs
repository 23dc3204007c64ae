//! Who of ours has read how far.

use rstest::rstest;
use weft_domain::{ErrorCode, Role};
use weft_proto::{
    conversation::v1::{ListReadersRequest, Reader},
    events::v1::ReaderUpdated,
};

use crate::{
    adapter::Tenant,
    agent::answer,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn readers(&self, conversation: &str) -> weft_domain::Result<Vec<Reader>> {
        let request = ListReadersRequest { id: conversation.into() };
        Ok(answer(self.holding().list_readers(self.signed(request)).await)?.items)
    }
}

fn seqs(readers: &[Reader]) -> Vec<(&str, u64)> {
    readers.iter().map(|one| (one.name.as_str(), one.seq)).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_is_kept_with_how_far_and_only_forward(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let ann = tenant.colleague_of("Ann", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "one").await.conversation_id;
    tenant.receive("anna", "m2", "two").await;
    tenant.receive("anna", "m3", "three").await;
    assert!(tenant.readers(&id).await.unwrap().is_empty());
    kim.mark_read(&id, Some(2)).await;
    kim.mark_read(&id, Some(1)).await;
    assert_eq!(seqs(&tenant.readers(&id).await.unwrap()), [("Kim", 2)]);
    ann.mark_read(&id, Some(99)).await;
    assert_eq!(seqs(&tenant.readers(&id).await.unwrap()), [("Ann", 3), ("Kim", 2)], "who read last is first");
    // who writes has read what is above
    kim.send(&id, "an answer").await.unwrap();
    assert_eq!(seqs(&tenant.readers(&id).await.unwrap()), [("Kim", 4), ("Ann", 3)]);
    // a program reads for nobody
    kim.with_token().mark_read(&id, None).await;
    kim.with_token().send(&id, "by a program").await.unwrap();
    ann.mark_read(&id, None).await;
    ann.mark_read(&id, None).await;
    assert_eq!(seqs(&tenant.readers(&id).await.unwrap()), [("Ann", 5), ("Kim", 4)]);
    let told = |events: &[_]| {
        let told = tenant.told::<ReaderUpdated>(events);
        let told: Vec<_> = told.into_iter().map(|event| event.reader.unwrap()).collect();
        Some(told).filter(|told| told.len() >= 4)
    };
    let told = rig.events.wait("four who read on", told).await;
    assert_eq!(seqs(&told), [("Kim", 2), ("Ann", 3), ("Kim", 4), ("Ann", 5)], "only who read on is told of");
    assert_eq!(rig.tenant().readers(&id).await.unwrap_err().code(), ErrorCode::NotFound);
}
