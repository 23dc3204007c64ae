//! Who has a conversation, and had it.

use rstest::rstest;
use sea_orm::ConnectionTrait as _;
use weft_domain::{ErrorCode, Result, Role, id};
use weft_proto::{
    conversation::v1::{
        AssignRequest, ConversationChange, Holder, ListHoldersRequest, StartBulkActionRequest,
        TransferConversationRequest, assignments_client::AssignmentsClient, author,
        bulk_actions_client::BulkActionsClient, holder::Cause, holders_client::HoldersClient,
        message::Direction,
    },
    events::v1::{BulkActionUpdated, ConversationUpdated},
};
use weft_rpc::ClientAuth;

use crate::{
    adapter::Tenant,
    agent::{Conversation, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) fn holding(&self) -> HoldersClient<tonic::transport::Channel> {
        HoldersClient::new(self.rig.channel.clone())
    }

    /// All who had it, the first first.
    pub(crate) async fn holders(&self, conversation: &str, page_size: u32) -> Vec<Holder> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListHoldersRequest { id: conversation.into(), page_size, page_token };
            let page = answer(self.holding().list_holders(self.signed(request)).await).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                all.reverse();
                return all;
            }
        }
    }

    pub(crate) async fn transfer(&self, request: TransferConversationRequest) -> Result<Conversation> {
        answer(self.holding().transfer_conversation(self.signed(request)).await)
    }

    /// A service of the fleet gives it to somebody.
    pub(crate) async fn route(&self, conversation: &str, user: id::UserId) {
        let client = ClientAuth::client(self.rig.channel.clone(), self.rig.authority.clone());
        let request = AssignRequest {
            tenant_id: self.id.to_string(),
            conversation_id: conversation.into(),
            user_id: user.to_string(),
            decision_id: id::new::<id::Event>().to_string(),
        };
        let answer = AssignmentsClient::new(client).assign(request).await.unwrap().into_inner();
        assert!(answer.assigned);
    }

    /// Somebody of this name, whom the service has heard of.
    pub(crate) async fn colleague_of(&self, name: &str, role: Role) -> Self {
        let other = self.another(role);
        self.tell_user(other.user, name, false).await;
        let marker = self.receive("marker", &other.user.to_string(), "hello").await.conversation_id;
        other.assign(&marker, &other.user.to_string()).await.unwrap();
        other.assign(&marker, "").await.unwrap();
        other
    }
}

fn to(
    conversation: &str,
    assignee: Option<&str>,
    team: Option<&str>,
    note: &str,
) -> TransferConversationRequest {
    TransferConversationRequest {
        id: conversation.into(),
        assignee: assignee.map(str::to_owned),
        team: team.map(str::to_owned),
        note: note.into(),
    }
}

fn assert_chain(holders: &[Holder]) {
    for pair in holders.windows(2) {
        let [before, after] = pair else { continue };
        assert!(before.until.is_some() && before.until == after.from, "{pair:?}");
        let who = |one: &Holder| (one.user_id.clone(), one.team_id.clone());
        assert_ne!(who(before), who(after), "each is another one's");
    }
    assert_eq!(holders.last().and_then(|last| last.until), None, "the last one still has it");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_who_has_it_is_kept_with_why_and_by_whom(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let team = tenant.team(&[kim.user]).await.to_string();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    assert!(tenant.holders(&id, 0).await.is_empty(), "nobody had it yet");
    let (ann, kims) = (tenant.user.to_string(), kim.user.to_string());
    tenant.route(&id, kim.user).await;
    kim.transfer(to(&id, Some(&ann), None, "She knows them")).await.unwrap();
    tenant.assign(&id, &ann).await.unwrap();
    tenant.give_to_team(&id, &team).await.unwrap();
    tenant.assign(&id, "").await.unwrap();
    tenant.give_to_team(&id, "").await.unwrap();
    let change = ConversationChange { assignee: Some("me".into()), ..Default::default() };
    let request = StartBulkActionRequest {
        conversation_ids: vec![id.clone()],
        change: Some(change),
        ..Default::default()
    };
    let mut bulk = BulkActionsClient::new(rig.channel.clone());
    answer(bulk.start_bulk_action(kim.signed(request)).await).unwrap();
    let is_end = |event: &BulkActionUpdated| event.bulk_action.as_ref().unwrap().done_count == 1;
    tenant.until("the end of a bulk action", is_end).await;

    let holders = tenant.holders(&id, 2).await;
    assert_chain(&holders);
    let shown: Vec<_> = holders
        .iter()
        .map(|one| {
            (one.name.as_str(), one.team_id.as_str(), one.cause(), one.by.as_ref().unwrap().name.as_str())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("Kim", "", Cause::Routed, ""),
            ("Ann", "", Cause::Transferred, "Kim"),
            ("Ann", &team, Cause::Assigned, "Ann"),
            ("", &team, Cause::Assigned, "Ann"),
            ("", "", Cause::Unassigned, "Ann"),
            ("Kim", "", Cause::Assigned, "Kim"),
        ]
    );
    assert_eq!(holders[0].by.as_ref().unwrap().kind(), author::Kind::System);
    assert_eq!(
        (holders[1].note.as_str(), holders[1].by.as_ref().unwrap().id.as_str()),
        ("She knows them", kims.as_str())
    );
    let request = ListHoldersRequest { id: id.clone(), ..Default::default() };
    let stranger = rig.tenant();
    let error = answer(stranger.holding().list_holders(stranger.signed(request)).await).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_and_its_note_come_together_and_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let team = tenant.team(&[kim.user]).await.to_string();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.assign(&id, "me").await.unwrap();
    let request = to(&id, None, Some(&team), " Needs somebody of support ");
    let transfer = async || {
        let answer = tenant.holding().transfer_conversation(tenant.keyed("k1", request.clone())).await;
        answer.unwrap().into_inner()
    };
    let first = transfer().await;
    assert_eq!((first.team.as_deref(), first.assignee.as_deref()), (Some(team.as_str()), None));
    assert_eq!(transfer().await, first);
    let messages = tenant.messages(&id).await;
    let notes: Vec<_> = messages.iter().map(|one| (one.direction(), one.text.as_str())).collect();
    assert_eq!(notes, [(Direction::Inbound, "hello"), (Direction::Internal, "Needs somebody of support")]);
    let holders = tenant.holders(&id, 0).await;
    assert_chain(&holders);
    assert_eq!((holders.len(), holders[1].note.as_str()), (2, "Needs somebody of support"));
    let is_told = |event: &ConversationUpdated| {
        event.conversation.as_ref().is_some_and(|shown| shown.id == id && shown.team == first.team)
    };
    tenant.until("the transfer", is_told).await;

    // to somebody of the team: the team stays
    let taken = kim.transfer(to(&id, Some("me"), None, "")).await.unwrap();
    assert_eq!((taken.team, taken.assignee), (first.team, Some(kim.user.to_string())));
    assert_eq!(tenant.messages(&id).await.len(), 2, "nothing was said of it");

    let unknown = id::new::<id::Team>().to_string();
    for (wrong, field) in [
        (to(&id, None, None, "why"), "assignee"),
        (to(&id, Some("Kim"), None, "why"), "assignee"),
        (to(&id, Some("me"), Some(&unknown), "why"), "team"),
    ] {
        assert_eq!(fault(&tenant.transfer(wrong).await.unwrap_err()).1, Some(field));
    }
    let error = rig.tenant().transfer(to(&id, Some("none"), None, "why")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert_eq!(tenant.messages(&id).await.len(), 2, "what is refused writes nothing");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_who_take_it_at_once_the_history_is_a_chain(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let team = tenant.team(&[kim.user]).await.to_string();
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let change = |n: usize| {
        let (tenant, kim, id, team) = (&tenant, &kim, &id, &team);
        async move {
            match n % 5 {
                0 => tenant.assign(id, "me").await.map(drop),
                1 => kim.assign(id, "me").await.map(drop),
                2 => kim.transfer(to(id, None, Some(team), "")).await.map(drop),
                3 => tenant.assign(id, "").await.map(drop),
                _ => tenant.give_to_team(id, "").await.map(drop),
            }
        }
    };
    let ended = futures::future::join_all((0..100).map(change)).await;
    assert!(ended.iter().all(Result::is_ok), "{:?}", ended.iter().find(|one| one.is_err()));
    let holders = tenant.holders(&id, 7).await;
    assert_chain(&holders);
    let last = holders.last().unwrap();
    let now = tenant.conversation(&id).await;
    assert_eq!(last.user_id, now.assignee.unwrap_or_default());
    assert_eq!(last.team_id, now.team.unwrap_or_default());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_it_before_that_was_written_down_is_the_first() {
    let rig = Rig::new(Engine::Postgres).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let ann = tenant.colleague_of("Ann", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    kim.assign(&id, "me").await.unwrap();
    rig.database().await.execute_unprepared("DELETE FROM conversation.conversation_holder").await.unwrap();
    kim.transfer(to(&id, Some(&ann.user.to_string()), None, "")).await.unwrap();
    let holders = tenant.holders(&id, 5).await;
    assert_chain(&holders);
    let names: Vec<&str> = holders.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Kim", "Ann"]);
}
