use rstest::rstest;
use weft_domain::{ErrorCode, Role};
use weft_proto::voice::v1::{GetVoiceSettingsRequest, UpdateVoiceSettingsRequest};

use crate::rig::{Engine, Rig, answer};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_switches_it_on_for_the_own_tenant_alone(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (agent, stranger) = (rig.agent(), rig.agent());
    let admin = agent.colleague(Role::Admin);
    let change = UpdateVoiceSettingsRequest { transcribe: Some(true), language: Some("en-GB".to_owned()) };
    let refused =
        answer(agent.settings().update_voice_settings(agent.asks(change.clone())).await).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    answer(admin.settings().update_voice_settings(admin.asks(change)).await).unwrap();
    let only_language = UpdateVoiceSettingsRequest { transcribe: None, language: Some("en-US".to_owned()) };
    answer(admin.settings().update_voice_settings(admin.asks(only_language)).await).unwrap();
    let ours =
        answer(agent.settings().get_voice_settings(agent.asks(GetVoiceSettingsRequest {})).await).unwrap();
    assert_eq!((ours.transcribe, ours.language.as_str()), (true, "en-US"));
    let request = stranger.asks(GetVoiceSettingsRequest {});
    let theirs = answer(stranger.settings().get_voice_settings(request).await).unwrap();
    assert_eq!((theirs.transcribe, theirs.language.as_str()), (false, "en-US"));
    let wrong = UpdateVoiceSettingsRequest { transcribe: None, language: Some("english".to_owned()) };
    let refused = answer(admin.settings().update_voice_settings(admin.asks(wrong)).await).unwrap_err();
    assert_eq!(refused.field(), Some("language"));
}
