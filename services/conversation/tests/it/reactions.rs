//! Who reacted how, on both sides.

use rstest::rstest;
use weft_domain::{ErrorCode, Result, Role};
use weft_proto::{
    channel::v1::{Reaction, change::Change as What, inbound},
    conversation::v1::{AddReactionRequest, RemoveReactionRequest, contact_copy::State as Copy},
    events::v1::ReactionChanged,
};

use crate::{
    adapter::Tenant,
    agent::{Message, fault},
    our_changes::all,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn react(&self, message: &Message, emoji: &str) -> Result<Message> {
        let (conversation_id, id) = (message.conversation_id.clone(), message.id.clone());
        let request = AddReactionRequest { conversation_id, id, emoji: emoji.into() };
        self.done(self.chat().add_reaction(self.signed(request)).await)
    }

    async fn unreact(&self, message: &Message, emoji: &str) -> Result<Message> {
        let (conversation_id, id) = (message.conversation_id.clone(), message.id.clone());
        let request = RemoveReactionRequest { conversation_id, id, emoji: emoji.into() };
        self.done(self.chat().remove_reaction(self.signed(request)).await)
    }
}

/// The contact reacts to the message `m1`.
fn their(emoji: &str, removed: bool, only: bool) -> inbound::Event {
    let (message_id, emoji) = ("m1".to_owned(), emoji.to_owned());
    inbound::Event::Reaction(Reaction { message_id, emoji, removed, only })
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn reactions_of_both_sides_stand_at_the_message(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let theirs = tenant.receive("anna", "m1", "thanks!").await;
    tenant.knows(&theirs.conversation_id, all()).await;
    let reacted = tenant.react(&theirs, "👍").await.unwrap();
    assert_eq!(tenant.react(&theirs, "👍").await.unwrap(), reacted, "again changes nothing");
    let change = tenant.change(&theirs, 1).await;
    let Some(What::React(react)) = &change.change else { panic!("{change:?}") };
    assert_eq!(
        (react.emoji.as_str(), react.removed, &react.emojis[..]),
        ("👍", false, &["👍".to_owned()][..])
    );
    assert_eq!(change.provider_message_ids, ["m1"]);
    tenant.changed(&change, "").await;
    let shown = |it: &Message, state| {
        it.reactions.iter().any(|one| one.contact_copy.as_ref().is_some_and(|copy| copy.state() == state))
    };
    tenant.until_message(|it| it.id == theirs.id && shown(it, Copy::Changed)).await;

    // a colleague says the same: for the contact nothing changes until both have taken it back
    let colleague = tenant.another(Role::Agent);
    colleague.react(&theirs, "👍").await.unwrap();
    tenant.change(&theirs, 2).await;
    tenant.unreact(&theirs, "👍").await.unwrap();
    let left = colleague.unreact(&theirs, "👍").await.unwrap();
    assert!(left.reactions.is_empty());
    let change = tenant.change(&theirs, 3).await;
    assert!(matches!(&change.change, Some(What::React(it)) if it.removed && it.emojis.is_empty()));

    tenant.tell("anna", their("🎉", false, false)).await;
    tenant.tell("anna", their("🎉", false, false)).await;
    tenant.tell("anna", their("❤️", false, true)).await;
    let only = tenant.until_message(|it| it.reactions.iter().any(|one| one.emoji == "❤️")).await;
    assert_eq!(only.reactions.len(), 1, "one takes the place of the other");
    tenant.tell("anna", their("", true, false)).await;
    tenant.until::<ReactionChanged>("that it went", |it| it.emoji == "❤️" && it.removed).await;
    assert_eq!(tenant.messages(&theirs.conversation_id).await[0].reactions, []);
    let wrong = tenant.react(&theirs, "thumbs").await.unwrap_err();
    assert_eq!(fault(&wrong), ("invalid_field", Some("emoji")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_reactions_is_kept_within_bounds_and_ones_own_is_refused_aloud(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let theirs = tenant.receive("anna", "m1", "thanks!").await;
    let kept = async || {
        tenant.settle("anna").await;
        tenant.messages(&theirs.conversation_id).await.remove(0).reactions
    };
    tenant.tell("anna", their(" ", false, false)).await;
    assert_eq!(kept().await, [], "no emoji is no reaction");
    tenant.react(&theirs, "👍").await.unwrap();
    let long = |number: usize| format!("{number}{}", "🎉".repeat(3000));
    for number in 0..110 {
        tenant.tell("anna", their(&long(number), false, false)).await;
    }
    let flood = kept().await;
    assert_eq!(flood.len(), 100);
    assert!(flood.iter().all(|one| one.emoji.chars().count() <= 64));
    assert_eq!(tenant.react(&theirs, "👍").await.unwrap().reactions.len(), 100, "one has it already");
    let refused = tenant.react(&theirs, "❤️").await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (ErrorCode::Precondition, "too_many_reactions"));
    tenant.tell("anna", their(&long(7), true, false)).await;
    assert_eq!(kept().await.len(), 99);
    assert_eq!(tenant.react(&theirs, "❤️").await.unwrap().reactions.len(), 100);
}
