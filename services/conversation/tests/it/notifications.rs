//! What somebody of ours should know of.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{Clock as _, Result, Role};
use weft_proto::{
    channel::v1::{MessageEdited, attempt_ended, delivery_report, inbound},
    conversation::v1::{
        DeleteMessageRequest, ListNotificationsRequest, ListNotificationsResponse, Notification,
        ReadNotificationsRequest, TransferConversationRequest, author, notification::Kind,
        notifications_client::NotificationsClient,
    },
    convert::timestamp,
    events::v1::NotificationUpdated,
};

use crate::{
    adapter::{Tenant, words},
    agent::{UpdateConversationRequest, answer, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    fn knowing(&self) -> NotificationsClient<tonic::transport::Channel> {
        NotificationsClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn notifications(&self, unread: bool) -> ListNotificationsResponse {
        let request = ListNotificationsRequest { unread: Some(unread), ..Default::default() };
        answer(self.knowing().list_notifications(self.signed(request)).await).unwrap()
    }

    async fn read_notifications(&self, request: ReadNotificationsRequest) -> Result<u32> {
        let read = answer(self.knowing().read_notifications(self.signed(request)).await)?;
        Ok(read.unread_count)
    }

    pub(crate) async fn read_all(&self) {
        self.read_notifications(ReadNotificationsRequest::default()).await.unwrap();
    }

    /// Waits until this user was told of a notification that fits.
    pub(crate) async fn until_notified(&self, fits: impl Fn(&Notification, u32) -> bool) -> Notification {
        let user = self.user.to_string();
        let is_it = |event: &NotificationUpdated| {
            let fits = |shown: &Notification| fits(shown, event.unread_count);
            event.user_id == user && event.notification.as_ref().is_some_and(fits)
        };
        self.until::<NotificationUpdated>("a notification", is_it).await.notification.unwrap()
    }
}

fn kinds(list: &ListNotificationsResponse) -> Vec<(Kind, u32)> {
    list.items.iter().map(|one| (one.kind(), one.count)).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_of_what_others_do_and_never_of_what_they_do_themselves(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let ann = tenant.colleague_of("Ann", Role::Agent).await;
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let (anns, kims) = (ann.user.to_string(), kim.user.to_string());
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    // nobody's yet: nobody is told
    kim.assign(&id, "me").await.unwrap();
    assert!(kim.notifications(true).await.items.is_empty(), "they took it themselves");
    kim.name_in_note(&id, "see this", &[kims.clone(), anns.clone()]).await.unwrap();
    let transfer = TransferConversationRequest {
        id: id.clone(),
        assignee: Some(anns.clone()),
        note: "She knows them".into(),
        ..Default::default()
    };
    kim.transfer(transfer).await.unwrap();
    let list = ann.notifications(true).await;
    assert_eq!(kinds(&list), [(Kind::Assigned, 1), (Kind::Mention, 1)]);
    assert_eq!(list.unread_count, 2);
    let given = &list.items[0];
    assert_eq!((given.excerpt.as_str(), given.conversation_id.as_str()), ("She knows them", id.as_str()));
    let by = given.actor.as_ref().unwrap();
    assert_eq!((by.name.as_str(), by.id.as_str()), ("Kim", kims.as_str()));
    assert_eq!(list.items[1].excerpt, "see this");
    assert!(kim.notifications(true).await.items.is_empty(), "who did it knows");
    ann.until_notified(|shown, unread| shown == given && unread == 2).await;

    ann.assign(&id, "").await.unwrap();
    tenant.route(&id, ann.user).await;
    let routed = ann.until_notified(|shown, unread| unread == 3 && shown.kind() == Kind::Assigned).await;
    assert_eq!(routed.actor.unwrap().kind(), author::Kind::System);

    let snooze = UpdateConversationRequest {
        id: id.clone(),
        snoozed_until: Some(timestamp(rig.clock.now() + TimeDelta::minutes(10))),
        ..Default::default()
    };
    kim.update(snooze).await.unwrap();
    rig.clock.advance(TimeDelta::minutes(11));
    ann.until_notified(|shown, unread| unread == 4 && shown.kind() == Kind::Woke).await;
    assert!(kim.notifications(true).await.items.is_empty());
    assert!(rig.tenant().notifications(false).await.items.is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_contacts_write_is_told_to_who_has_it_and_who_follows_as_one_until_it_is_read(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let ann = tenant.colleague_of("Ann", Role::Agent).await;
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    ann.assign(&id, "me").await.unwrap();
    for one in [&ann, &kim] {
        one.mark(&id, "follow").await.unwrap();
    }
    tenant.receive("anna", "m2", "are you there").await;
    let newest = tenant.receive("anna", "m3", &"long words ".repeat(40)).await;
    for one in [&ann, &kim] {
        let told = one.until_notified(|shown, unread| shown.count == 2 && unread >= 1).await;
        assert_eq!((told.kind(), told.message_id.as_deref()), (Kind::Message, Some(newest.id.as_str())));
        assert_eq!(told.excerpt.chars().count(), 140);
        let by = told.actor.as_ref().unwrap();
        assert_eq!((by.kind(), by.name.as_str()), (author::Kind::Contact, "name of anna"));
    }
    // opening it reads what was written until then
    ann.mark_read(&id, Some(2)).await;
    assert_eq!(kinds(&ann.notifications(true).await), [(Kind::Message, 2)], "the newest is not read yet");
    ann.mark_read(&id, None).await;
    let left = ann.notifications(true).await;
    assert_eq!((left.items.len(), left.unread_count), (0, 0));
    ann.until_notified(|shown, unread| shown.read_at.is_some() && unread == 0).await;
    assert_eq!(kim.notifications(true).await.unread_count, 1, "what one reads stays unread for others");
    tenant.receive("anna", "m4", "and again").await;
    ann.until_notified(|shown, unread| shown.count == 1 && unread == 1).await;
    kim.until_notified(|shown, unread| shown.count == 3 && unread == 1).await;
    // who answers has read it
    ann.send(&id, "here I am").await.unwrap();
    assert_eq!(ann.notifications(true).await.unread_count, 0);
    kim.unmark(&id, "follow").await.unwrap();
    tenant.receive("anna", "m5", "fine").await;
    ann.until_notified(|shown, unread| shown.count == 1 && unread == 1 && shown.excerpt == "fine").await;
    assert_eq!(
        kinds(&kim.notifications(true).await),
        [(Kind::Message, 3)],
        "who follows no longer is told no more"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_messages_at_once_there_is_one_notification_that_counts_fifty(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let id = tenant.receive("anna", "m", "hello").await.conversation_id;
    let followers: Vec<Tenant<'_>> = (0..100).map(|_| tenant.another(Role::Agent)).collect();
    for one in &followers {
        one.mark(&id, "follow").await.unwrap();
    }
    let send = |n: usize| {
        let event = tenant.message("anna", &format!("m{n}"), "hello");
        tenant.publish(event)
    };
    futures::future::join_all((0..50).map(send)).await;
    for one in &followers {
        one.until_notified(|shown, unread| shown.count == 50 && unread == 1).await;
    }
    for one in followers.iter().take(3) {
        let list = one.notifications(false).await;
        assert_eq!((kinds(&list), list.unread_count), (vec![(Kind::Message, 50)], 1));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_is_told_when_a_message_does_not_reach_the_contact(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let refused = kim.send(&id, "refused at once").await.unwrap();
    let order = tenant.order().await;
    tenant.ended(&order, attempt_ended::Result::Rejected).await;
    let told = kim.until_notified(|shown, unread| shown.kind() == Kind::Failed && unread == 1).await;
    assert_eq!((told.message_id, told.excerpt.as_str()), (Some(refused.id.clone()), "refused at once"));
    kim.send(&id, "reported later").await.unwrap();
    let order = tenant.order().await;
    tenant.accepted(&order, &["p2"]).await;
    tenant.report("anna", "p2", delivery_report::State::Failed).await;
    tenant.report("anna", "p2", delivery_report::State::Failed).await;
    kim.until_notified(|shown, unread| shown.excerpt == "reported later" && unread == 2).await;
    // a program's messages are nobody's own
    kim.with_token().send(&id, "by a program").await.unwrap();
    let order = tenant.order().await;
    tenant.ended(&order, attempt_ended::Result::Rejected).await;
    tenant.settle("anna").await;
    assert_eq!(kim.notifications(false).await.unread_count, 2);

    // the words of what is deleted are shown nowhere any more
    let request =
        DeleteMessageRequest { conversation_id: id.clone(), id: refused.id.clone(), ..Default::default() };
    answer(kim.chat().delete_message(kim.signed(request)).await).unwrap();
    let list = kim.notifications(false).await.items;
    let of_it = list.iter().find(|one| one.message_id.as_ref() == Some(&refused.id)).unwrap();
    assert_eq!(of_it.excerpt, "");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_what_was_edited_the_new_words_are_shown_and_the_old_ones_nowhere(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let first = tenant.receive("anna", "m1", "hello").await;
    kim.mark(&first.conversation_id, "follow").await.unwrap();
    let named = [kim.user.to_string()];
    let note = tenant.name_in_note(&first.conversation_id, "the secret is 42", &named).await.unwrap();
    let newest = tenant.receive("anna", "m2", "my card is 4111").await;
    kim.until_notified(|shown, _| shown.message_id.as_ref() == Some(&newest.id)).await;
    tenant.edit(&note, &"no  secret\n".repeat(20)).await.unwrap();
    let edited = MessageEdited { message: Some(words("m2", "my card")) };
    tenant.tell("anna", inbound::Event::Edited(edited)).await;
    tenant.until_message(|message| message.id == newest.id && message.text == "my card").await;
    let list = kim.notifications(true).await.items;
    let shown: Vec<&str> = list.iter().map(|one| one.excerpt.as_str()).collect();
    let cut: String = "no secret ".repeat(20).chars().take(139).chain(['…']).collect();
    assert_eq!(shown, ["my card", cut.as_str()]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_s_own_are_read_by_name_by_conversation_or_all(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let lou = tenant.colleague_of("Lou", Role::Agent).await;
    let named = [kim.user.to_string(), lou.user.to_string()];
    let mut conversations = Vec::new();
    for thread in ["a", "b", "c"] {
        let id = tenant.receive(thread, thread, "hello").await.conversation_id;
        for n in 0..3 {
            tenant.name_in_note(&id, &format!("{thread}{n}"), &named).await.unwrap();
        }
        conversations.push(id);
    }
    let list = kim.notifications(true).await;
    assert_eq!((list.items.len(), list.unread_count), (9, 9));
    let ids = |list: &[Notification]| list.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    let some = ReadNotificationsRequest { ids: ids(&list.items[..2]), ..Default::default() };
    assert_eq!(kim.read_notifications(some.clone()).await.unwrap(), 7);
    assert_eq!(kim.read_notifications(some.clone()).await.unwrap(), 7, "again reads nothing");
    assert_eq!(lou.read_notifications(some).await.unwrap(), 9, "of others nothing is read");
    let of =
        ReadNotificationsRequest { conversation_id: Some(conversations[0].clone()), ..Default::default() };
    assert_eq!(kim.read_notifications(of.clone()).await.unwrap(), 4);
    let unread = kim.notifications(true).await;
    assert!(unread.items.iter().all(|one| one.conversation_id != conversations[0] && one.read_at.is_none()));
    let both = ReadNotificationsRequest { ids: vec![list.items[0].id.clone()], ..of };
    assert_eq!(fault(&kim.read_notifications(both).await.unwrap_err()).1, Some("ids"));
    let foreign = rig.tenant().receive("x", "x", "hello").await.conversation_id;
    let theirs = ReadNotificationsRequest { conversation_id: Some(foreign), ..Default::default() };
    let error = kim.read_notifications(theirs).await.unwrap_err();
    assert_eq!(fault(&error), ("unknown_conversation", Some("conversation_id")));
    let wrong = ReadNotificationsRequest { ids: vec!["x".into()], ..Default::default() };
    assert_eq!(fault(&kim.read_notifications(wrong).await.unwrap_err()).1, Some("ids[0]"));
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListNotificationsRequest { page_size: 4, page_token, unread: None };
        let page = answer(kim.knowing().list_notifications(kim.signed(request)).await).unwrap();
        all.extend(page.items.into_iter().map(|one| one.excerpt));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(
        all.iter().take(9).map(String::as_str).collect::<Vec<_>>(),
        ["c2", "c1", "c0", "b2", "b1", "b0", "a2", "a1", "a0"]
    );
    assert_eq!(kim.read_notifications(ReadNotificationsRequest::default()).await.unwrap(), 0);
    let is_end = |event: &NotificationUpdated| {
        event.user_id == kim.user.to_string() && event.unread_count == 0 && event.notification.is_none()
    };
    tenant.until("that all are read", is_end).await;
    assert_eq!(lou.notifications(true).await.unread_count, 9);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_ninety_days_is_forgotten_read_or_not(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kim = tenant.colleague_of("Kim", Role::Agent).await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let named = [kim.user.to_string()];
    let first = tenant.name_in_note(&id, "read", &named).await.unwrap();
    kim.read_all().await;
    tenant.name_in_note(&id, "not read", &named).await.unwrap();
    rig.clock.advance(TimeDelta::days(89));
    tenant.name_in_note(&id, "young", &named).await.unwrap();
    assert_eq!(kim.notifications(false).await.items.len(), 3, "{first:?}");
    rig.clock.advance(TimeDelta::days(2));
    // what is old is looked for when a replica starts
    rig.replica().await;
    let user = kim.user.to_string();
    let told = |event: &NotificationUpdated| {
        event.user_id == user && event.unread_count == 1 && event.notification.is_none()
    };
    tenant.until("that one is forgotten", told).await;
    let left = kim.notifications(false).await;
    let words: Vec<&str> = left.items.iter().map(|one| one.excerpt.as_str()).collect();
    assert_eq!((words, left.unread_count), (vec!["young"], 1));
}
