use serde_json::json;
use weft_channel::{Intake, SendError, SetupError};
use weft_channel_sms_twilio::simulator::FaultKind;

use crate::harness::World;

fn field(error: &SetupError) -> &str {
    match error {
        SetupError::Settings { field, .. } => field,
        SetupError::Provider(_) => "",
    }
}

#[tokio::test]
async fn a_connected_number_or_service_knows_where_to_call() {
    let service = json!({"messaging_service_sid": "MG00000000000000000000000000000001", "from_number": null});
    for (change, username) in [(json!({}), "+12025550100"), (service, "+12025550100")] {
        let world = World::start_with(change).await;
        let connected = world.connect().await.unwrap();
        assert_eq!((connected.title.as_str(), connected.intake), ("Acme Support", Intake::Webhook));
        assert_eq!(connected.username.as_deref(), Some(username));
        let state = world.get("/simulator/state").await;
        assert!(state["webhook"].as_str().unwrap().ends_with("/hooks/sms-twilio/chan_1"));
    }
    let by_hand = World::start_with(json!({"set_webhook": false})).await;
    by_hand.connect().await.unwrap();
    assert!(by_hand.get("/simulator/state").await["webhook"].is_null());
}

#[tokio::test]
async fn what_is_wrong_is_named_as_the_field_to_change() {
    let table = [
        (json!({"auth_token": "another-auth-token"}), "secrets.auth_token"),
        (json!({"from_number": "+12025550109"}), "settings.from_number"),
        (json!({"messaging_service_sid": format!("MG{}", "9".repeat(32))}), "settings.messaging_service_sid"),
    ];
    for (change, name) in table {
        let error = World::start_with(change).await.connect().await.unwrap_err();
        assert_eq!(field(&error), name);
        assert!(!format!("{error:?} {error}").contains("another-auth-token"));
    }
    let world = World::start().await;
    world.simulator.fault(FaultKind::ServerError, Some(1));
    let error = world.connect().await.unwrap_err();
    assert!(matches!(error, SetupError::Provider(SendError::Unreachable { .. })), "{error:?}");
}
