//! What contacts are told at once.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{Clock, Result, Role, id};
use weft_proto::{
    automation::v1::{
        AutoReply, ChannelIds, CreateAutoReplyRequest, DeleteAutoReplyRequest, ListAutoRepliesRequest,
        UpdateAutoReplyRequest, auto_replies_client::AutoRepliesClient, auto_reply::Occasion,
    },
    conversation::v1::{author, message},
};

use crate::{
    business_hours::each_day,
    rig::{Engine, Rig},
    talks::{Fault, Said},
    team::{Team, answer},
};

impl Team<'_> {
    fn replies_client(&self) -> AutoRepliesClient<tonic::transport::Channel> {
        AutoRepliesClient::new(self.channel())
    }

    fn by_manager<T>(&self, message: T) -> tonic::Request<T> {
        self.signed(Role::Manager, &id::new::<id::User>().to_string(), message)
    }

    pub(crate) async fn keep_reply(&self, request: CreateAutoReplyRequest) -> Result<AutoReply> {
        answer(self.replies_client().create_auto_reply(self.by_manager(request)).await)
    }

    async fn change_reply(&self, request: UpdateAutoReplyRequest) -> Result<AutoReply> {
        answer(self.replies_client().update_auto_reply(self.by_manager(request)).await)
    }

    async fn delete_reply(&self, id: &str) -> Result<()> {
        let request = DeleteAutoReplyRequest { id: id.to_owned() };
        answer(self.replies_client().delete_auto_reply(self.by_manager(request)).await)
    }

    async fn replies(&self) -> Vec<AutoReply> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListAutoRepliesRequest { page_size: 1, page_token };
            let page =
                answer(self.replies_client().list_auto_replies(self.by_manager(request)).await).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    /// A contact writes now.
    pub(crate) async fn hears(&self, said: &Said) {
        self.rig.talks.say(self.id, said).await;
    }

    /// Another conversation's welcome: by then all that was written before has been decided on.
    pub(crate) async fn settled(&self, count: usize) -> Vec<String> {
        self.hears(&Said { channel: MARKER.into(), ..Said::first(self.rig.clock.now()) }).await;
        self.rig.talks.wait_for_said(count).await
    }

    pub(crate) async fn with_marker(&self) {
        let marker =
            CreateAutoReplyRequest { channel_ids: vec![MARKER.into()], ..reply("first_message", "marker") };
        self.keep_reply(marker).await.unwrap();
    }
}

pub(crate) const MARKER: &str = "chan_01h455vb4pex5vsknk084sn02q";

pub(crate) fn reply(occasion: &str, text: &str) -> CreateAutoReplyRequest {
    CreateAutoReplyRequest {
        name: occasion.into(),
        occasion: occasion.into(),
        text: text.into(),
        ..Default::default()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_told_what_fits_best_and_each_thing_once_in_its_time(
    #[values(Engine::Sqlite, Engine::Postgres, Engine::JetStream)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let closed = team.keep_hours(weft_proto::automation::v1::CreateBusinessHoursRequest {
        weekly: Vec::new(),
        ..each_day("09:00", "10:00")
    });
    let closed = closed.await.unwrap().id;
    let open = team.keep_hours(each_day("00:00", "24:00")).await.unwrap().id;
    // welcomes only while it is open, which a closed desk never is
    let hidden = CreateAutoReplyRequest {
        business_hours_id: Some(closed.clone()),
        ..reply("first_message", "never said")
    };
    team.keep_reply(hidden).await.unwrap();
    team.keep_reply(CreateAutoReplyRequest {
        business_hours_id: Some(open),
        ..reply("first_message", "welcome")
    })
    .await
    .unwrap();
    team.keep_reply(reply("first_message", "a younger welcome")).await.unwrap();
    let agent = team.agent(5).await;
    let said = Said::first(rig.clock.now());
    team.hears(&said).await;
    assert_eq!(rig.talks.wait_for_said(1).await, ["welcome"]);
    let told = rig.talks.look(|state| state.said[0].clone()).await;
    assert_eq!((told.conversation_id, told.answers_seq), (said.conversation.clone(), 1));
    assert_eq!(told.tenant_id, team.id.to_string());

    // nobody is there any more: that goes before a welcome
    team.keep_reply(reply("nobody_available", "nobody is here")).await.unwrap();
    team.set(&agent, "away", None).await;
    let second = said.next(rig.clock.now());
    team.hears(&second).await;
    assert_eq!(rig.talks.wait_for_said(2).await[1], "nobody is here");
    let third = second.next(rig.clock.now());
    team.hears(&third).await;
    // what is said outside hours goes before that
    let closed = CreateAutoReplyRequest {
        business_hours_id: Some(closed),
        again_after_hours: Some(1),
        ..reply("outside_hours", "we are closed")
    };
    let closed = team.keep_reply(closed).await.unwrap();
    let fourth = third.next(rig.clock.now());
    team.hears(&fourth).await;
    assert_eq!(rig.talks.wait_for_said(3).await[2], "we are closed", "and what was said is not said again");
    team.hears(&fourth.next(rig.clock.now())).await;
    rig.until_count("auto_answer WHERE said_at IS NOT NULL", 3).await;
    rig.clock.advance(TimeDelta::minutes(61));
    let last = fourth.next(rig.clock.now()).next(rig.clock.now());
    team.hears(&last).await;
    assert_eq!(rig.talks.wait_for_said(4).await[3..], ["we are closed"], "an hour later it is");
    assert_eq!(closed.occasion(), Occasion::OutsideHours);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_contact_writes_now_and_there_is_answered(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    team.with_marker().await;
    let here = id::new::<id::Channel>().to_string();
    let only_here =
        CreateAutoReplyRequest { channel_ids: vec![here.clone()], ..reply("nobody_available", "nobody") };
    let kept = team.keep_reply(only_here).await.unwrap();
    let now = rig.clock.now();
    let said = Said { channel: here, ..Said::first(now) };
    let fresh = || Said { conversation: id::new::<id::Conversation>().to_string(), ..said.clone() };
    team.hears(&Said { at: now - TimeDelta::minutes(16), ..fresh() }).await;
    team.hears(&Said { by: author::Kind::Agent, ..fresh() }).await;
    team.hears(&Said { direction: message::Direction::Internal, ..fresh() }).await;
    team.hears(&Said { channel: id::new::<id::Channel>().to_string(), ..fresh() }).await;
    rig.team().hears(&fresh()).await;
    assert_eq!(team.settled(1).await, ["marker"]);
    // the same event again is no second message
    let again = fresh();
    team.hears(&again).await;
    rig.talks.wait_for_said(2).await;
    team.hears(&again).await;
    let off = UpdateAutoReplyRequest { id: kept.id.clone(), enabled: Some(false), ..Default::default() };
    assert!(!team.change_reply(off).await.unwrap().enabled);
    team.hears(&fresh()).await;
    assert_eq!(team.settled(3).await, ["marker", "nobody", "marker"]);
}

#[rstest]
#[case::nobody_there(Fault::Down)]
#[case::the_answer_is_lost(Fault::Mute)]
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_said_is_said_when_it_can_be_and_once(#[case] fault: Fault) {
    let rig = Rig::new(Engine::Sqlite).await;
    let team = rig.team();
    team.with_marker().await;
    rig.talks.fail(fault).await;
    team.hears(&Said { channel: MARKER.into(), ..Said::first(rig.clock.now()) }).await;
    rig.talks.wait("two attempts", |state| (state.asked >= 2).then_some(())).await;
    rig.talks.fail(Fault::None).await;
    rig.until_count("auto_answer WHERE due_at IS NULL", 1).await;
    assert_eq!(rig.talks.wait_for_said(1).await, ["marker"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_nobody_is_told_of_what_was(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    team.with_marker().await;
    rig.talks.fail(Fault::Down).await;
    team.hears(&Said { channel: MARKER.into(), ..Said::first(rig.clock.now()) }).await;
    rig.talks.wait("an attempt", |state| (state.asked >= 1).then_some(())).await;
    rig.clock.advance(TimeDelta::minutes(16));
    rig.until_count("auto_answer WHERE due_at IS NULL AND said_at IS NULL", 1).await;
    rig.talks.fail(Fault::None).await;
    assert_eq!(team.settled(1).await, ["marker"]);
    rig.until_count("auto_answer WHERE said_at IS NOT NULL", 1).await;
    assert_eq!(rig.talks.wait_for_said(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_in_another_situation_is_no_second_answer_and_two_replicas_say_it_once() {
    let mut rig = Rig::new(Engine::Postgres).await;
    rig.start_replica().await;
    let team = rig.team();
    team.with_marker().await;
    team.keep_reply(reply("first_message", "welcome")).await.unwrap();
    let agent = team.agent(5).await;
    let said = Said::first(rig.clock.now());
    team.hears(&said).await;
    rig.talks.wait_for_said(1).await;
    team.keep_reply(reply("nobody_available", "nobody is here")).await.unwrap();
    team.set(&agent, "offline", None).await;
    team.hears(&said).await;
    team.hears(&said.next(rig.clock.now())).await;
    assert_eq!(rig.talks.wait_for_said(2).await, ["welcome", "nobody is here"]);
    rig.until_count("auto_answer WHERE due_at IS NULL", 2).await;
    let asked = rig.talks.look(|state| state.asked).await;
    assert_eq!((asked, rig.talks.wait_for_said(2).await.len()), (2, 2));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn replies_are_kept_changed_and_deleted_and_what_cannot_be_says_why(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let hours = team.keep_hours(each_day("09:00", "17:00")).await.unwrap().id;
    let with = |change: fn(&mut CreateAutoReplyRequest)| {
        let mut request = reply("first_message", "welcome");
        change(&mut request);
        request
    };
    for (request, field) in [
        (with(|request| request.name = " ".into()), "name"),
        (with(|request| request.occasion = "always".into()), "occasion"),
        (with(|request| request.text = " \n".into()), "text"),
        (with(|request| request.text = "{{ nobody }}".into()), "text"),
        (with(|request| request.channel_ids = vec!["x".into()]), "channel_ids[0]"),
        (with(|request| request.channel_ids = vec![MARKER.into(); 101]), "channel_ids"),
        (with(|request| request.business_hours_id = Some("x".into())), "business_hours_id"),
        (with(|request| request.occasion = "outside_hours".into()), "business_hours_id"),
        (with(|request| request.again_after_hours = Some(0)), "again_after_hours"),
        (with(|request| request.again_after_hours = Some(721)), "again_after_hours"),
    ] {
        let error = team.keep_reply(request).await.unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
    }
    let theirs =
        CreateAutoReplyRequest { business_hours_id: Some(hours.clone()), ..reply("outside_hours", "no") };
    let error = rig.team().keep_reply(theirs.clone()).await.unwrap_err();
    assert_eq!(error.field(), Some("business_hours_id"), "another tenant's hours are unknown: {error}");
    let kept = team.keep_reply(theirs).await.unwrap();
    assert_eq!(
        (kept.again_after_hours, kept.enabled, kept.business_hours_id.as_str()),
        (12, true, hours.as_str())
    );
    assert_eq!(team.delete_hours(&hours).await.unwrap_err().reason(), "business_hours_in_use");
    let without = UpdateAutoReplyRequest {
        id: kept.id.clone(),
        business_hours_id: Some(String::new()),
        ..Default::default()
    };
    assert_eq!(team.change_reply(without).await.unwrap_err().field(), Some("business_hours_id"));
    let change = UpdateAutoReplyRequest {
        id: kept.id.clone(),
        occasion: Some("nobody_available".into()),
        business_hours_id: Some(String::new()),
        text: Some("away".into()),
        channel_ids: Some(ChannelIds { items: vec![MARKER.into(), MARKER.into()] }),
        ..Default::default()
    };
    let changed = team.change_reply(change).await.unwrap();
    assert_eq!((changed.text.as_str(), changed.channel_ids.as_slice()), ("away", &[MARKER.to_owned()][..]));
    team.delete_hours(&hours).await.unwrap();
    assert_eq!(team.replies().await, std::slice::from_ref(&changed));
    assert_eq!(rig.team().delete_reply(&kept.id).await.unwrap_err().reason(), "not_found");
    team.delete_reply(&kept.id).await.unwrap();
    assert_eq!(team.replies().await, []);
}
