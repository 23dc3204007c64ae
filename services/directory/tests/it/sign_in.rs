use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{ErrorCode, Role};
use weft_proto::directory::v1::{GetMeRequest, LoginRequest, UpdateUserRequest};

use crate::rig::{Engine, PASSWORD, Rig, from, refusal, told};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_signs_in_and_the_token_names_the_caller(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, _) = rig.admin("north").await;
    let tokens = rig.login(" Admin@North.test ", PASSWORD, None).await.unwrap();
    assert_eq!((tokens.token_type.as_str(), tokens.expires_in), ("Bearer", 600));
    let principal = rig.authority.verify(&tokens.access_token).unwrap();
    assert_eq!((principal.tenant, principal.role), (tenant, Role::Admin));
    let me = rig.sign_in("admin@north.test").await;
    let shown = told(rig.auth().get_me(me.call(GetMeRequest {})).await).unwrap();
    assert_eq!(shown.user.unwrap().email, "admin@north.test");
    assert_eq!(shown.tenant.unwrap().slug, "north");
    assert!(shown.permissions.contains(&"token.write".to_owned()));
    assert!(!shown.permissions.contains(&"tenant.create".to_owned()));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn wrong_unknown_and_disabled_get_the_same_answer(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, admin) = rig.admin("north").await;
    let person = rig.person(tenant, "gone@north.test", Role::Agent).await;
    let disable = UpdateUserRequest { id: person.to_string(), disabled: Some(true), ..Default::default() };
    told(rig.users().update_user(admin.call(disable)).await).unwrap();
    let mut answers = Vec::new();
    for (email, password, tenant) in [
        ("admin@north.test", "wrong", None),
        ("nobody@north.test", PASSWORD, None),
        ("gone@north.test", PASSWORD, None),
        ("gone@north.test", "wrong", None),
        ("admin@north.test", PASSWORD, Some("no-such-tenant")),
    ] {
        let error = rig.login(email, password, tenant).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unauthenticated, "{email}");
        answers.push((error.reason().to_owned(), error.message().to_owned(), error.field().is_some()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, "invalid_credentials");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn one_address_in_several_tenants_signs_in_where_the_password_fits(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (north, south) = (rig.tenant("north").await, rig.tenant("south").await);
    for (tenant, password) in [(north, PASSWORD), (south, "another password")] {
        weft_directory::bootstrap::create_user(
            &rig.store,
            tenant,
            "ada@example.com",
            "",
            Role::Agent,
            password.into(),
        )
        .await
        .unwrap();
    }
    let tenant_of = async |password: &str, named: Option<&str>| {
        let tokens = rig.login("ada@example.com", password, named).await?;
        Ok::<_, weft_domain::Error>(rig.authority.verify(&tokens.access_token).unwrap().tenant)
    };
    assert_eq!(tenant_of(PASSWORD, None).await.unwrap(), north);
    assert_eq!(tenant_of("another password", None).await.unwrap(), south);
    assert_eq!(tenant_of("neither of them", None).await.unwrap_err().reason(), "invalid_credentials");
    weft_directory::bootstrap::set_password(&rig.store, south, "ada@example.com", PASSWORD.into())
        .await
        .unwrap();
    let error = tenant_of(PASSWORD, None).await.unwrap_err();
    assert_eq!(
        (error.code(), error.reason(), error.field()),
        (ErrorCode::Precondition, "tenant_required", Some("tenant"))
    );
    assert_eq!(tenant_of(PASSWORD, Some("south")).await.unwrap(), south);
    assert_eq!(tenant_of(PASSWORD, Some(&north.to_string())).await.unwrap(), north);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_too_many_failures_waits_and_the_wait_ends() {
    let rig = Rig::with(Engine::Sqlite, |config| config.sign_in.failure_burst = 3).await;
    let (tenant, _) = rig.admin("north").await;
    rig.person(tenant, "other@north.test", Role::Agent).await;
    for account in ["admin@north.test", "nobody@north.test"] {
        for _ in 0..3 {
            let error = rig.login(account, "wrong", None).await.unwrap_err();
            assert_eq!(error.reason(), "invalid_credentials");
        }
        let error = rig.login(account, PASSWORD, None).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Throttled, "the right password waits as well");
        assert!(error.retry_after().is_some_and(|wait| wait.as_secs() <= 60), "{error:?}");
    }
    assert!(rig.login("other@north.test", PASSWORD, None).await.is_ok(), "others do not wait");
    rig.clock().advance(TimeDelta::seconds(61));
    assert!(rig.login("admin@north.test", PASSWORD, None).await.is_ok());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_tries_many_accounts_waits_with_its_whole_network() {
    let rig = Rig::with(Engine::Sqlite, |config| config.sign_in.address_burst = 3).await;
    let attempt = async |address: &str, n: usize| {
        let request =
            LoginRequest { email: format!("user{n}@north.test"), password: "guess".to_owned(), tenant: None };
        refusal(rig.auth().login(from(address, request)).await).code()
    };
    for (n, address) in ["2001:db8::1", "2001:db8::2", "2001:db8::3"].into_iter().enumerate() {
        assert_eq!(attempt(address, n).await, ErrorCode::Unauthenticated);
    }
    assert_eq!(attempt("2001:db8::4", 4).await, ErrorCode::Throttled);
    assert_eq!(attempt("192.0.2.7", 5).await, ErrorCode::Unauthenticated);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_its_fields_names_them() {
    let rig = Rig::new(Engine::Sqlite).await;
    let error = rig.login("", PASSWORD, None).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("email")));
    let error = rig.refresh("").await.unwrap_err();
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("refresh_token")));
    rig.stop().await;
}
