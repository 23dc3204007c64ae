use rstest::rstest;
use weft_proto::conversation::v1::{Message, Transcript, message::Direction};

use crate::{
    rig::{Engine, PATIENCE, Rig, SENTENCE, config, spoken},
    world::voice,
};

/// Waits until so many transcripts have been kept.
async fn kept(rig: &Rig, count: usize) -> Vec<(String, String)> {
    weft_testkit::eventually(&format!("{count} transcripts"), PATIENCE, async || {
        let state = rig.world.state.lock().await;
        let all = state.kept.iter().map(|one| (one.message_id.clone(), one.transcript.clone().unwrap().text));
        (state.kept.len() >= count).then(|| all.collect())
    })
    .await
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_contacts_voice_message_is_written_down_once_when_the_tenant_wants_it(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (off, on) = (rig.agent(), rig.agent());
    on.switch_on().await;
    let (tenant, sound) = (on.tenant.to_string(), spoken(SENTENCE));
    let file = off.upload("audio/x-wav", &sound).await;
    rig.world.voice_message(&off.tenant.to_string(), &file).await;
    let file = on.upload("audio/x-wav", &sound).await;
    let message = rig.world.voice_message(&tenant, &file).await;
    // a receipt, an edit: the message is told again before the transcript is in it
    rig.world.tell(&tenant, "updated", &message).await;
    let file = on.upload("audio/x-wav", &sound).await;
    let last = rig.world.voice_message(&tenant, &file).await;
    let all = kept(&rig, 2).await;
    assert_eq!(all.len(), 2, "one that is not wanted, or one twice: {all:?}");
    for id in [&message.id, &last.id] {
        assert!(all.contains(&(id.clone(), SENTENCE.to_owned())), "{all:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_contact_says_and_nobody_has_written_down_is_heard() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    agent.switch_on().await;
    let tenant = agent.tenant.to_string();
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let said = |direction, attachment| {
        let world = &rig.world;
        async move {
            let conversation = weft_domain::id::new::<weft_domain::id::Conversation>().to_string();
            let message = world.message(&conversation, direction, "").await;
            Message { attachments: vec![attachment], ..message }
        }
    };
    let known = Transcript { text: "as a person wrote it".to_owned(), ..Transcript::default() };
    let mut others =
        vec![said(Direction::Outbound, voice(&file)).await, said(Direction::Internal, voice(&file)).await];
    let mut written = voice(&file);
    written.transcript = Some(known);
    others.push(said(Direction::Inbound, written).await);
    let mut pending = voice("");
    pending.state = 0;
    others.push(said(Direction::Inbound, pending).await);
    let mut song = voice(&file);
    song.kind = weft_proto::conversation::v1::attachment::Kind::Audio.into();
    others.push(said(Direction::Inbound, song).await);
    for message in &others {
        rig.world.tell(&tenant, "created", message).await;
    }
    let last = rig.world.voice_message(&tenant, &file).await;
    assert_eq!(kept(&rig, 1).await, [(last.id, SENTENCE.to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_waited_for_and_what_cannot_be_heard_holds_nobody_up() {
    let rig = Rig::with(Engine::Sqlite, config("[voice]\nmax_seconds = 5")).await;
    let agent = rig.agent();
    agent.switch_on().await;
    let tenant = agent.tenant.to_string();
    for (mime, bytes) in [("text/plain", b"a note".as_slice()), ("audio/ogg", b"OggS no sound")] {
        let file = agent.upload(mime, bytes).await;
        rig.world.voice_message(&tenant, &file).await;
    }
    rig.world.state.lock().await.failing = 2;
    let file = agent.upload("audio/x-wav", &spoken(SENTENCE)).await;
    let message = rig.world.voice_message(&tenant, &file).await;
    assert_eq!(kept(&rig, 1).await, [(message.id, SENTENCE.to_owned())]);
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}
