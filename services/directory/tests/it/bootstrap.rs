use rstest::rstest;
use weft_crypto::ExposeSecret;
use weft_directory::bootstrap;
use weft_domain::{ErrorCode, Role};
use weft_proto::directory::v1::{ExchangeApiTokenRequest, auth_client::AuthClient};

use crate::rig::{Engine, PASSWORD, Rig, told};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_made_once_and_its_password_stays(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let first = bootstrap::ensure_demo(&rig.store, "admin@demo.test", None).await.unwrap();
    let password = first.password.unwrap();
    let again = bootstrap::ensure_demo(&rig.store, "admin@demo.test", Some(PASSWORD.into())).await.unwrap();
    assert_eq!((again.tenant, again.user), (first.tenant, first.user));
    assert!(again.password.is_none());
    assert!(rig.login("admin@demo.test", PASSWORD, None).await.is_err());
    let tokens = rig.login("admin@demo.test", password.expose_secret(), Some("demo")).await.unwrap();
    assert_eq!(rig.authority.verify(&tokens.access_token).unwrap().role, Role::Admin);
    assert_eq!(bootstrap::find_tenant(&rig.store, "demo").await.unwrap(), first.tenant);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_make_one_demo() {
    let rig = Rig::new(Engine::Postgres).await;
    let store = &rig.store;
    let made =
        futures::future::join_all((0..4).map(|_| bootstrap::ensure_demo(store, "admin@demo.test", None)));
    let made: Vec<_> = made.await.into_iter().map(|demo| demo.unwrap()).collect();
    assert!(made.iter().all(|demo| (demo.tenant, demo.user) == (made[0].tenant, made[0].user)));
    let passwords: Vec<_> = made.iter().filter_map(|demo| demo.password.as_ref()).collect();
    assert_eq!(passwords.len(), 1, "who made it says the password");
    assert!(rig.login("admin@demo.test", passwords[0].expose_secret(), None).await.is_ok());
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_command_lines_token_is_the_admins_and_takes_the_place_of_the_one_before(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let error = bootstrap::operator_token(&rig.store).await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "no_tenant"));
    let demo = bootstrap::ensure_demo(&rig.store, "admin@demo.test", None).await.unwrap();
    let exchange = async |token: &str| {
        let request = ExchangeApiTokenRequest { token: token.to_owned() };
        let tokens = told(AuthClient::new(rig.service()).exchange_api_token(request).await)?;
        rig.authority.verify(&tokens.access_token)
    };
    let first = bootstrap::operator_token(&rig.store).await.unwrap();
    let principal = exchange(first.expose_secret()).await.unwrap();
    assert_eq!((principal.tenant, principal.user(), principal.role), (demo.tenant, demo.user, Role::Admin));
    let second = bootstrap::operator_token(&rig.store).await.unwrap();
    assert!(exchange(first.expose_secret()).await.is_err());
    assert!(exchange(second.expose_secret()).await.unwrap().may("channel.write"));
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_refuses_what_the_api_refuses() {
    let rig = Rig::new(Engine::Sqlite).await;
    let north = rig.tenant("north").await;
    let create = async |email: &str, password: &str| {
        bootstrap::create_user(&rig.store, north, email, "", Role::Agent, password.into()).await.unwrap_err()
    };
    assert_eq!(create("ada", PASSWORD).await.field(), Some("email"));
    assert_eq!(create("ada@north.test", "short").await.field(), Some("password"));
    assert_eq!(bootstrap::create_tenant(&rig.store, "North", "").await.unwrap_err().field(), Some("slug"));
    assert_eq!(bootstrap::create_tenant(&rig.store, "north", "").await.unwrap_err().reason(), "slug_taken");
    let nowhere = weft_domain::id::new();
    let lost = bootstrap::create_user(&rig.store, nowhere, "a@b.test", "", Role::Agent, PASSWORD.into());
    assert_eq!(lost.await.unwrap_err().code(), ErrorCode::NotFound);
    rig.stop().await;
}
