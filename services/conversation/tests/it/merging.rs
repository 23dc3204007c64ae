//! Two conversations that become one, and that again are two.

use chrono::TimeDelta;
use futures::future::join_all;
use rstest::rstest;
use weft_domain::{ErrorCode, Result, Role};
use weft_proto::{
    conversation::v1::{
        Conversation, ListConversationsRequest, ListRegroupingsRequest, MergeConversationsRequest,
        Regrouping, UndoRegroupingRequest, UpdateConversationRequest,
        conversation::{Mark, Priority, Status},
        regroupings_client::RegroupingsClient,
    },
    events::v1::RegroupingUpdated,
};

use crate::{
    adapter::{Tenant, person},
    agent::{answer, fault},
    people::matter,
    rig::{Engine, Rig},
    written::says,
};

impl Tenant<'_> {
    pub(crate) fn regroupings(&self) -> RegroupingsClient<tonic::transport::Channel> {
        RegroupingsClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn make_one(&self, kept: &str, other: &str) -> Result<Regrouping> {
        let request = MergeConversationsRequest { id: kept.into(), other: other.into() };
        answer(self.regroupings().merge_conversations(self.signed(request)).await)
    }

    pub(crate) async fn undo_regrouping(&self, id: &str) -> Result<Regrouping> {
        answer(self.regroupings().undo_regrouping(self.signed(UndoRegroupingRequest { id: id.into() })).await)
    }

    /// The words of a conversation, in their order.
    pub(crate) async fn words_of(&self, conversation: &str) -> Vec<String> {
        self.messages(conversation).await.into_iter().map(|message| message.text).collect()
    }

    /// A mail of Ada's in a thread.
    pub(crate) async fn mail(&self, thread: &str, id: &str, text: &str) -> crate::agent::Message {
        let mut event = matter(self, thread, id, thread);
        let Some(weft_proto::channel::v1::inbound::Event::Message(message)) = &mut event.event else {
            panic!("a message")
        };
        text.clone_into(&mut message.text);
        self.rig.clock.advance(TimeDelta::seconds(1));
        event.occurred_at = Some(weft_proto::convert::timestamp(weft_domain::Clock::now(&*self.rig.clock)));
        self.publish(event).await;
        self.until_message(|message| message.provider_message_id.as_deref() == Some(id)).await
    }

    /// Two matters of Ada's: `one` and `three` in the first, `two` and `four` in the second.
    pub(crate) async fn two_matters(&self) -> (String, String) {
        let first = self.mail("t1", "m1", "one").await.conversation_id;
        let second = self.mail("t2", "m2", "two").await.conversation_id;
        self.mail("t1", "m3", "three").await;
        self.mail("t2", "m4", "four").await;
        (first, second)
    }
}

fn with(id: &str) -> UpdateConversationRequest {
    UpdateConversationRequest { id: id.into(), ..UpdateConversationRequest::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_conversations_become_one_in_the_order_they_were_written_and_two_again(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (kept, other) = tenant.two_matters().await;
    let before = tenant.conversation(&other).await;
    tenant.mark_read(&kept, None).await;
    let merge = tenant.make_one(&kept, &other).await.unwrap();
    assert_eq!(merge.message_count, 2);
    assert_eq!(tenant.words_of(&kept).await, ["one", "two", "three", "four"]);
    let seqs: Vec<u64> = tenant.messages(&kept).await.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, [1, 3, 4, 5], "what has another place has one that nobody had");
    assert_eq!(tenant.words_of(&other).await, Vec::<String>::new());
    let shown = tenant.conversation(&kept).await;
    assert_eq!((shown.unread_count, shown.last_seq), (2, 5));
    assert_eq!(shown.waiting_since, tenant.messages(&kept).await[0].created_at, "three waits since one");
    assert_eq!(shown.last_message.unwrap().text, "four");
    let gone = tenant.conversation(&other).await;
    assert_eq!((gone.merged_into.as_ref(), gone.status()), (Some(&kept), Status::Closed));
    let listed: Vec<String> = tenant.all().await.into_iter().map(|one| one.id).collect();
    assert_eq!(listed, std::slice::from_ref(&kept), "it is in no list any more");
    for id in [&kept, &other] {
        tenant.until("both are told", |event: &RegroupingUpdated| event.conversation_id == *id).await;
    }

    // what is written in the other's thread comes here, and is answered there
    let more = tenant.mail("t2", "m5", "five").await;
    assert_eq!(more.conversation_id, kept);
    tenant.send(&kept, "answer").await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "t2");
    assert_eq!(tenant.mail("t1", "m6", "six").await.conversation_id, kept, "its own leads here, too");

    let undone = tenant.undo_regrouping(&merge.id).await.unwrap();
    assert!(undone.undone_at.is_some());
    assert_eq!(tenant.words_of(&kept).await, ["one", "three", "five", "answer", "six"]);
    assert_eq!(tenant.words_of(&other).await, ["two", "four"]);
    let back = tenant.conversation(&other).await;
    assert_eq!((back.status(), back.merged_into, back.unread_count), (Status::Open, None, 0));
    assert_eq!((back.waiting_since, back.title), (None, before.title), "it was answered with the rest");
    assert_eq!(tenant.mail("t2", "m7", "seven").await.conversation_id, other);
    assert_eq!(tenant.mail("t1", "m8", "eight").await.conversation_id, kept);
    assert_eq!(tenant.undo_regrouping(&merge.id).await.unwrap().undone_at, undone.undone_at);
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn conversations_of_two_channels_become_one_that_is_answered_where_the_contact_writes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let here = tenant.receive("anna", "m1", "hello").await;
    let there = tenant.receive_on(other, person("anna-there"), "o1").await;
    let refused = tenant.make_one(&here.conversation_id, &there.conversation_id).await.unwrap_err();
    assert_eq!(fault(&refused).0, "different_contacts");
    let one_person = tenant.merge(&here.author.unwrap().id, &there.author.unwrap().id).await.unwrap();
    let merge = tenant.make_one(&here.conversation_id, &there.conversation_id).await.unwrap();
    let kept = here.conversation_id;
    assert_eq!(tenant.receive_on(other, person("anna-there"), "o2").await.conversation_id, kept);
    assert_eq!(tenant.conversation(&kept).await.channel.unwrap().id, other.to_string());
    assert_eq!(tenant.receive("anna", "m2", "here again").await.conversation_id, kept);
    assert_eq!(
        tenant.seen_by("anna").await,
        ["hello", "here again"],
        "of the other channel they see nothing"
    );
    let refused = tenant.undo(&one_person.id).await.unwrap_err();
    assert_eq!(fault(&refused).0, "conversations_merged", "nobody finds the other's words in theirs");
    assert!(refused.message().contains(&merge.id), "{refused} says what to undo first");
    tenant.undo_regrouping(&merge.id).await.unwrap();
    assert_eq!(
        tenant.receive_on(other, person("anna-there"), "o3").await.conversation_id,
        there.conversation_id
    );
    assert_eq!(tenant.receive("anna", "m3", "and here").await.conversation_id, kept);
    tenant.undo(&one_person.id).await.unwrap();
    assert_eq!(tenant.words_of(&there.conversation_id).await.len(), 3, "what they wrote is theirs again");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_one_is_refused_with_what_to_do(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (kept, other) = tenant.two_matters().await;
    let stranger = rig.tenant().receive("eve", "m9", "hello").await.conversation_id;
    let anna = tenant.receive("anna", "c1", "hello").await;
    let bert = tenant.receive("bert", "c2", "hello").await;
    tenant.merge(&anna.author.unwrap().id, &bert.author.unwrap().id).await.unwrap();
    let reason = |refused: Result<Regrouping>| {
        let error = refused.unwrap_err();
        (error.reason().to_owned(), error.field().map(str::to_owned))
    };
    let field = |reason: &str| ("invalid_field".to_owned(), Some(reason.to_owned()));
    let plain = |reason: &str| (reason.to_owned(), None);
    assert_eq!(reason(tenant.make_one(&kept, &kept).await), plain("same_conversation"));
    assert_eq!(reason(tenant.make_one(&kept, &stranger).await), field("other"));
    assert_eq!(reason(tenant.make_one(&kept, "conv_nonsense").await), field("other"));
    assert_eq!(tenant.make_one(&stranger, &kept).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(reason(tenant.make_one(&kept, &anna.conversation_id).await), plain("different_contacts"));
    let two_chats = tenant.make_one(&anna.conversation_id, &bert.conversation_id).await;
    assert_eq!(reason(two_chats), plain("separate_chats"), "one of them may be somebody else after all");
    tenant.make_one(&kept, &other).await.unwrap();
    assert_eq!(
        reason(tenant.make_one(&kept, &other).await),
        ("conversation_merged".to_owned(), Some("other".to_owned()))
    );
    for refused in [
        tenant.send(&other, "lost?").await.map(drop),
        tenant.set_status(&other, "open").await.map(drop),
        tenant.schedule(&other, "later", 5).await.map(drop),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(fault(&error).0, "conversation_merged");
        assert!(error.message().contains(&kept), "{error} says where to go on");
    }
    tenant.set_status(&kept, "closed").await.unwrap();
    assert_eq!(reason(tenant.make_one(&kept, &bert.conversation_id).await), plain("conversation_closed"));
    let nobody = tenant.undo_regrouping("regrouping_01h455vb4pex5vsknk084sn02q").await.unwrap_err();
    assert_eq!(nobody.code(), ErrorCode::NotFound);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_other_had_goes_along_and_comes_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Kim", false).await;
    let (kept, other) = tenant.two_matters().await;
    tenant.set_status(&kept, "resolved").await.unwrap();
    for (id, tags) in [(&kept, ["both", "own"]), (&other, ["both", "theirs"])] {
        let add_tags = tags.map(str::to_owned).to_vec();
        tenant.update(UpdateConversationRequest { add_tags, ..with(id) }).await.unwrap();
    }
    let priority = Some("urgent".to_owned());
    tenant.update(UpdateConversationRequest { priority, ..with(&other) }).await.unwrap();
    tenant.assign(&other, "me").await.unwrap();
    tenant.mark(&other, "star").await.unwrap();
    tenant.schedule(&other, "later", 5).await.unwrap();
    tenant.put_draft(&other, says("I was about to")).await.unwrap();

    let merge = tenant.make_one(&kept, &other).await.unwrap();
    let shown = tenant.conversation(&kept).await;
    assert_eq!(shown.tags, ["both", "own", "theirs"]);
    assert_eq!((shown.status(), shown.priority()), (Status::Open, Priority::Urgent));
    assert_eq!(shown.assignee, Some(tenant.user.to_string()));
    assert_eq!(shown.marks().collect::<Vec<_>>(), [Mark::Star]);
    assert_eq!(tenant.draft(&kept).await.unwrap(), "I was about to");
    let [holder] = &tenant.holders(&kept, 10).await[..] else { panic!("one holder") };
    assert_eq!(holder.user_id, tenant.user.to_string());

    tenant.undo_regrouping(&merge.id).await.unwrap();
    let shown = tenant.conversation(&kept).await;
    assert_eq!(shown.tags, ["both", "own"]);
    assert_eq!((shown.priority(), shown.assignee.as_ref()), (Priority::Normal, None));
    assert_eq!(shown.marks().collect::<Vec<_>>(), []);
    let back = tenant.conversation(&other).await;
    assert_eq!(back.tags, ["both", "theirs"]);
    assert_eq!(back.marks().collect::<Vec<_>>(), [Mark::Star]);
    assert_eq!((back.priority(), back.assignee), (Priority::Urgent, Some(tenant.user.to_string())));
    rig.clock.advance(TimeDelta::minutes(6));
    let sent = tenant.until_message(|message| message.text == "later").await;
    assert_eq!(sent.conversation_id, other, "what waits goes back, too");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_out_arrives_and_what_waits_goes_after_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (kept, other) = tenant.two_matters().await;
    let one = tenant.send(&other, "on its way").await.unwrap();
    let order = tenant.order().await;
    tenant.send(&other, "waits").await.unwrap();
    tenant.make_one(&kept, &other).await.unwrap();
    tenant.accepted(&order, &["p1"]).await;
    let next = tenant.order().await;
    assert_eq!((next.text.as_str(), next.conversation_id.as_str()), ("waits", kept.as_str()));
    tenant.accepted(&next, &["p2"]).await;
    tenant.until_message(|message| message.text == "waits" && message.state() == sent()).await;
    let shown = tenant.messages(&kept).await.into_iter().find(|message| message.id == one.id).unwrap();
    assert_eq!(shown.state(), sent());
    tenant.no_more_orders().await;

    // both at once would be sent twice or not at all
    let third = tenant.mail("t3", "m9", "nine").await.conversation_id;
    tenant.send(&kept, "here").await.unwrap();
    tenant.send(&third, "there").await.unwrap();
    let refused = tenant.make_one(&kept, &third).await.unwrap_err();
    assert_eq!((fault(&refused).0, refused.code()), ("message_on_its_way", ErrorCode::Conflict));
}

fn sent() -> weft_proto::conversation::v1::message::State {
    weft_proto::conversation::v1::message::State::Sent
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_has_read_and_is_to_know_of_something_goes_along(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Kim", false).await;
    let colleague = tenant.colleague_of("Lou", Role::Agent).await;
    let (kept, other) = tenant.two_matters().await;
    for id in [&kept, &other] {
        tenant.assign(id, "me").await.unwrap();
        colleague.mark_read(id, None).await;
    }
    tenant.read_all().await;
    tenant.mail("t1", "m5", "five").await;
    tenant.mail("t2", "m6", "six").await;
    tenant.until_notified(|_, unread| unread == 2).await;
    tenant.make_one(&kept, &other).await.unwrap();
    let left = tenant.notifications(true).await;
    let [one] = &left.items[..] else { panic!("one for the one conversation: {left:?}") };
    assert_eq!((one.count, one.conversation_id.as_str(), left.unread_count), (2, kept.as_str(), 1));
    let shown = tenant.messages(&kept).await;
    let four = shown.iter().find(|message| message.text == "four").unwrap().seq;
    let readers = tenant.readers(&kept).await.unwrap();
    let lou = readers.iter().find(|reader| reader.name == "Lou").unwrap();
    assert_eq!(lou.seq, four, "up to what is new to them");
    tenant.mark_read(&kept, None).await;
    assert_eq!(tenant.notifications(true).await.unread_count, 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_merge_and_undo_at_once_each_finds_it_done_or_is_told(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = &rig.tenant();
    let (one, two) = tenant.two_matters().await;
    let (one, two) = (one.as_str(), two.as_str());
    let both_ways = |n: usize| async move {
        let (kept, other) = if n.is_multiple_of(2) { (one, two) } else { (two, one) };
        tenant.make_one(kept, other).await
    };
    let ended = join_all((0..40).map(both_ways)).await;
    let (done, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
    let [merge] = &done[..] else { panic!("merged {} times", done.len()) };
    let merge = merge.as_ref().unwrap();
    for error in refused {
        assert_eq!(fault(&error.unwrap_err()).0, "conversation_merged");
    }
    let kept = merge.conversation.as_ref().unwrap().id.clone();
    assert_eq!(tenant.words_of(&kept).await, ["one", "two", "three", "four"]);
    let undone = join_all((0..20).map(|_| tenant.undo_regrouping(&merge.id))).await;
    assert!(undone.iter().all(|undone| undone.as_ref().is_ok_and(|one| one.undone_at.is_some())));
    let mut both = vec![tenant.words_of(one).await, tenant.words_of(two).await];
    both.sort();
    assert_eq!(both, [["one", "three"], ["two", "four"]]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn merges_are_listed_and_undone_from_the_last_one_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (one, two) = tenant.two_matters().await;
    let three = tenant.mail("t3", "m5", "five").await.conversation_id;
    let first = tenant.make_one(&two, &three).await.unwrap();
    let second = tenant.make_one(&one, &two).await.unwrap();
    assert_eq!(tenant.words_of(&one).await, ["one", "two", "three", "four", "five"]);
    assert_eq!(tenant.mail("t3", "m6", "six").await.conversation_id, one, "the way leads on");
    let refused = tenant.undo_regrouping(&first.id).await.unwrap_err();
    assert_eq!(fault(&refused).0, "conversation_merged");
    assert!(refused.message().contains(&second.id), "{refused} says which comes first");
    let list = |conversation: &str| {
        let conversation = Some(conversation.to_owned());
        let request = ListRegroupingsRequest { conversation, ..ListRegroupingsRequest::default() };
        let request = tenant.signed(request);
        let mut client = tenant.regroupings();
        async move { client.list_regroupings(request).await.unwrap().into_inner().items }
    };
    let listed: Vec<String> = list(&two).await.into_iter().map(|one| one.id).collect();
    assert_eq!(listed, [second.id.clone(), first.id.clone()]);
    assert_eq!(list(&three).await.len(), 1);
    tenant.undo_regrouping(&second.id).await.unwrap();
    tenant.undo_regrouping(&first.id).await.unwrap();
    assert_eq!(tenant.words_of(&one).await, ["one", "three", "six"]);
    assert_eq!(tenant.words_of(&two).await, ["two", "four"]);
    assert_eq!(tenant.words_of(&three).await, ["five"]);
    for (thread, id, whose) in [("t1", "n1", &one), ("t2", "n2", &two), ("t3", "n3", &three)] {
        assert_eq!(tenant.mail(thread, id, "again").await.conversation_id, *whose, "{thread}");
    }
    let everything = ListConversationsRequest { archived: Some(true), ..Default::default() };
    let hidden: Vec<Conversation> = tenant.list(everything).await.unwrap().items;
    assert_eq!(hidden, [], "nothing is out of the lists any more");
}
