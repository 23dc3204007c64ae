use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::json;
use weft_channel::{Intake, Retry, SetupError};
use weft_channel_ringcentral::simulator::{DESK, FaultKind};

use crate::harness::World;

fn field(error: &SetupError) -> &str {
    match error {
        SetupError::Settings { field, .. } => field,
        SetupError::Provider(_) => "",
    }
}

#[tokio::test]
async fn a_connected_channel_is_subscribed_once_and_asks_as_well() {
    let world = World::start().await;
    let connected = world.connect().await.unwrap();
    assert_eq!((connected.username.as_deref(), connected.intake), (Some("+12025550100"), Intake::Poll));
    let made = connected.secrets_made.get("webhook_validation_token").unwrap();
    assert_eq!(made.expose_secret().len(), 43);
    let first = world.simulator.subscriptions();
    assert!(matches!(first.as_slice(), [(_, "Active", 0)]), "{first:?}");

    let again = world.connect().await.unwrap();
    assert!(again.secrets_made.is_empty());
    let second = world.simulator.subscriptions();
    assert!(matches!(second.as_slice(), [(_, "Active", 0)]), "{second:?}");
    assert_ne!(first, second);
}

#[tokio::test]
async fn where_nobody_reaches_us_everything_is_asked_for() {
    let world = World::start().await;
    let connected = world.connect_at(None).await.unwrap();
    assert_eq!(connected.intake, Intake::Poll);
    assert!(connected.secrets_made.is_empty() && world.simulator.subscriptions().is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_named_as_the_field_to_change() {
    let table = [
        (json!({"client_secret": "another-client-secret"}), "secrets.client_secret"),
        (json!({"jwt": "another-jwt-entirely"}), "secrets.jwt"),
        (json!({"from_number": "+12025550109"}), "settings.from_number"),
        // a telephone that sends no SMS
        (json!({"from_number": DESK}), "settings.from_number"),
    ];
    for (change, name) in table {
        let error = World::start_with(change).await.connect().await.unwrap_err();
        assert_eq!(field(&error), name, "{error}");
        assert!(!format!("{error:?} {error}").contains("another-"));
    }
    World::start_with(json!({"from_number": DESK, "purpose": "calls"})).await.connect().await.unwrap();
}

#[tokio::test]
async fn an_address_that_does_not_greet_back_is_tried_again() {
    let world = World::start().await;
    world.break_hook(Some(StatusCode::OK));
    let error = world.connect().await.unwrap_err();
    assert!(error.to_string().contains("no proper answer at the webhook's address"), "{error}");
    assert_eq!(error.retry(), Retry::Backoff);
    world.break_hook(None);
    world.connect().await.unwrap();
    assert_eq!(world.simulator.subscriptions().len(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_told() {
    let world = World::start().await;
    world.simulator.fault(FaultKind::Code(403, "CMN-408".to_owned()), Some(2));
    let error = world.connect().await.unwrap_err();
    assert!(error.to_string().contains("CMN-408"), "{error}");
    assert_eq!(error.retry(), Retry::Never);
}
