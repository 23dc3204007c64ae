use rstest::rstest;
use weft_domain::id;
use weft_proto::{
    conversation::v1::message::Direction,
    voice::v1::{
        GetSpokenAnswerRequest, SendVoiceMessageRequest, SpokenAnswer, VoiceMessage,
        send_voice_message_request::Answer, spoken_answer::State,
    },
};

use crate::rig::{Engine, PATIENCE, Person, Rig, SENTENCE, answer, converted, spoken};

async fn send(person: &Person<'_>, request: SendVoiceMessageRequest) -> weft_domain::Result<VoiceMessage> {
    answer(person.voice().send_voice_message(person.asks(request)).await)
}

async fn asked(person: &Person<'_>, conversation: &str) -> SendVoiceMessageRequest {
    SendVoiceMessageRequest {
        conversation_id: conversation.to_owned(),
        file_id: person.upload("audio/x-wav", &spoken(SENTENCE)).await,
        from: "contact".to_owned(),
        answer: Some(Answer { format: "wav".to_owned(), ..Answer::default() }),
        ..SendVoiceMessageRequest::default()
    }
}

async fn until(person: &Person<'_>, message: &str, state: State) -> SpokenAnswer {
    weft_testkit::eventually(&format!("{state:?}"), PATIENCE, async || {
        let request = GetSpokenAnswerRequest { message_id: message.to_owned() };
        let answer = answer(person.voice().get_spoken_answer(person.asks(request)).await).unwrap();
        (answer.state() == state).then_some(answer)
    })
    .await
}

fn conversation() -> String {
    id::new::<id::Conversation>().to_string()
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_speaks_and_the_next_answer_is_spoken(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (agent, stranger) = (rig.agent(), rig.agent());
    let (tenant, conversation) = (agent.tenant.to_string(), conversation());
    let sent = send(&agent, asked(&agent, &conversation).await).await.unwrap();
    let message = sent.message.unwrap();
    assert_eq!((message.direction(), message.text.as_str()), (Direction::Inbound, SENTENCE));
    assert_eq!(message.attachments[0].transcript.as_ref().unwrap().text, SENTENCE);
    assert_eq!(sent.transcription.unwrap().text, SENTENCE);
    assert_eq!(sent.answer.unwrap().state(), State::Waiting);

    // a note among us is no answer
    let note = rig.world.message(&conversation, Direction::Internal, "who takes this?").await;
    rig.world.add(&tenant, &note).await;
    let reply = rig.world.message(&conversation, Direction::Outbound, SENTENCE).await;
    rig.world.add(&tenant, &reply).await;
    let told = until(&agent, &message.id, State::Spoken).await;
    assert_eq!(told.answered_by, Some(reply.id));
    let file = told.file_id.unwrap();
    assert!(agent.transcribe(&file, "").await.unwrap().text.contains("tomorrow"));

    let request = GetSpokenAnswerRequest { message_id: message.id };
    let refused = answer(stranger.voice().get_spoken_answer(stranger.asks(request)).await).unwrap_err();
    assert_eq!(refused.reason(), "not_found");
}

/// A bot may answer before the one who sent the recording has heard that it is there.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_faster_than_the_question_is_spoken() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    rig.world.state.lock().await.hasty_answer = Some(SENTENCE.to_owned());
    let sent = send(&agent, asked(&agent, &conversation()).await).await.unwrap();
    until(&agent, &sent.message.unwrap().id, State::Spoken).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_spoken_says_why() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let conversation = conversation();
    let mut request = asked(&agent, &conversation).await;
    request.answer = Some(Answer { voice: "nobody".to_owned(), ..Answer::default() });
    let sent = send(&agent, request).await.unwrap();
    let reply = rig.world.message(&conversation, Direction::Outbound, SENTENCE).await;
    rig.world.add(&agent.tenant.to_string(), &reply).await;
    let told = until(&agent, &sent.message.unwrap().id, State::Failed).await;
    assert_eq!((told.file_id, told.reason.as_deref()), (None, Some("there is no such voice")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_speaks_instead_of_typing_and_a_repeated_call_sends_once() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let request = SendVoiceMessageRequest {
        from: String::new(),
        answer: None,
        attach: true,
        ..asked(&agent, &conversation()).await
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut call = agent.asks(request.clone());
        call.metadata_mut().insert("idempotency-key", "once".parse().unwrap());
        ids.push(answer(agent.voice().send_voice_message(call).await).unwrap().message.unwrap().id);
    }
    assert_eq!(ids[0], ids[1]);
    let state = rig.world.state.lock().await;
    let (_, message) = &state.messages[0];
    assert_eq!(
        (state.messages.len(), message.direction(), message.text.as_str()),
        (1, Direction::Outbound, SENTENCE)
    );
    assert_eq!(message.attachments[0].id, request.file_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_together_is_refused() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let good = asked(&agent, &conversation()).await;
    let refuse = async |request: SendVoiceMessageRequest| {
        let refused = send(&agent, request).await.unwrap_err();
        (refused.reason().to_owned(), refused.field().unwrap_or_default().to_owned())
    };
    let told = |reason: &str, field: &str| (reason.to_owned(), field.to_owned());
    let from = |from: &str| SendVoiceMessageRequest { from: from.to_owned(), ..good.clone() };
    assert_eq!(refuse(from("nobody")).await, told("invalid_field", "from"));
    assert_eq!(refuse(from("us")).await, told("invalid_field", "answer"));
    let format = Some(Answer { format: "aiff".to_owned(), ..Answer::default() });
    let wrong = SendVoiceMessageRequest { answer: format, ..good.clone() };
    assert_eq!(refuse(wrong).await, told("invalid_field", "answer.format"));
    let nowhere = SendVoiceMessageRequest { conversation_id: "conv_x".to_owned(), ..good.clone() };
    assert_eq!(refuse(nowhere).await, told("unknown_conversation", "conversation_id"));
    let silence = converted(&spoken(SENTENCE), &["-af", "volume=0", "-f", "wav"]);
    let file_id = agent.upload("audio/x-wav", &silence).await;
    let silent = SendVoiceMessageRequest { from: "us".to_owned(), answer: None, file_id, ..good.clone() };
    assert_eq!(refuse(silent).await, told("nothing_said", "file_id"));
    let blind = agent.with_scopes(&["voice.use"]);
    let dictated = SendVoiceMessageRequest { from: "us".to_owned(), answer: None, ..good.clone() };
    for request in [dictated, good] {
        assert_eq!(send(&blind, request).await.unwrap_err().reason(), "permission_denied");
    }
    assert!(rig.world.state.lock().await.messages.is_empty());
}
