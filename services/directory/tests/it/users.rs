use rstest::rstest;
use weft_domain::{ErrorCode, Role, id};
use weft_proto::{
    directory::v1::{CreateUserRequest, GetUserRequest, ListUsersRequest, UpdateUserRequest, User},
    events::v1::{UserCreated, UserUpdated},
};

use crate::rig::{Engine, Me, PASSWORD, Rig, refusal, told};

fn person(email: &str, role: &str) -> CreateUserRequest {
    CreateUserRequest {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        name: "Ada".to_owned(),
        role: (!role.is_empty()).then(|| role.to_owned()),
    }
}

fn change(id: &str) -> UpdateUserRequest {
    UpdateUserRequest { id: id.to_owned(), ..Default::default() }
}

async fn create(rig: &Rig, me: &Me, email: &str, role: &str) -> User {
    told(rig.users().create_user(me.call(person(email, role))).await).unwrap()
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_created_shown_listed_and_changed(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let mut events = rig.events(&["user.*"]).await;
    let ada = create(&rig, &me, "Ada@north.test", "").await;
    assert_eq!((ada.role.as_str(), ada.email.as_str(), ada.disabled), ("agent", "Ada@north.test", false));
    assert!(rig.login("ada@north.test", PASSWORD, None).await.is_ok());
    let shown = told(rig.users().get_user(me.call(GetUserRequest { id: ada.id.clone() })).await).unwrap();
    assert_eq!(shown, ada);
    let changed = UpdateUserRequest { name: Some("Ada L.".to_owned()), ..change(&ada.id) };
    let changed = told(rig.users().update_user(me.call(changed)).await).unwrap();
    assert_eq!(changed.name, "Ada L.");
    let mut emails = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListUsersRequest { page_size: 1, page_token };
        let page = told(rig.users().list_users(me.call(request)).await).unwrap();
        emails.extend(page.items.into_iter().map(|user| user.email));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(emails, ["admin@north.test", "Ada@north.test"]);
    let _admin: UserCreated = events.next().await;
    let created: UserCreated = events.next().await;
    assert_eq!(created.user.unwrap(), ada);
    let updated: UserUpdated = events.next().await;
    assert_eq!(updated.user.unwrap(), changed);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_named(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    for (wrong, code, field) in [
        (person("ada", ""), ErrorCode::Invalid, "email"),
        (person("", ""), ErrorCode::Invalid, "email"),
        (person("ada@north.test", "boss"), ErrorCode::Invalid, "role"),
        (person("ada@north.test", "operator"), ErrorCode::Invalid, "role"),
        (
            CreateUserRequest { password: "short".to_owned(), ..person("ada@north.test", "") },
            ErrorCode::Invalid,
            "password",
        ),
        (person("ADMIN@north.test", ""), ErrorCode::Conflict, "email"),
    ] {
        let error = refusal(rig.users().create_user(me.call(wrong.clone())).await);
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{error:?}");
    }
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_or_touches_a_role_above_their_own(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, admin) = rig.admin("north").await;
    create(&rig, &admin, "manager@north.test", "manager").await;
    let agent = create(&rig, &admin, "agent@north.test", "agent").await;
    let manager = rig.sign_in("manager@north.test").await;
    create(&rig, &manager, "second@north.test", "manager").await;
    let error = refusal(rig.users().create_user(manager.call(person("x@north.test", "admin"))).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Forbidden, "role_too_high"));
    for request in [
        UpdateUserRequest { role: Some("admin".to_owned()), ..change(&agent.id) },
        UpdateUserRequest { password: Some("a new password".to_owned()), ..change(&admin.user()) },
        UpdateUserRequest { disabled: Some(true), ..change(&admin.user()) },
    ] {
        let error = refusal(rig.users().update_user(manager.call(request)).await);
        assert_eq!((error.code(), error.reason()), (ErrorCode::Forbidden, "role_too_high"));
    }
    let agent = rig.sign_in("agent@north.test").await;
    let error = refusal(rig.users().create_user(agent.call(person("y@north.test", ""))).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Forbidden, "permission_denied"));
    let own = UpdateUserRequest { role: Some("agent".to_owned()), ..change(&manager.user()) };
    let error = refusal(rig.users().update_user(manager.call(own)).await);
    assert_eq!((error.reason(), error.field()), ("own_role", Some("role")));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_keeps_an_admin(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, one) = rig.admin("north").await;
    let disable = |id: &str| UpdateUserRequest { disabled: Some(true), ..change(id) };
    let error = refusal(rig.users().update_user(one.call(disable(&one.user()))).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "last_admin"));
    create(&rig, &one, "two@north.test", "admin").await;
    let two = rig.sign_in("two@north.test").await;
    let demote = |id: &str| UpdateUserRequest { role: Some("agent".to_owned()), ..change(id) };
    let (mut first, mut second) = (rig.users(), rig.users());
    let (left, right) = tokio::join!(
        first.update_user(one.call(demote(&two.user()))),
        second.update_user(two.call(demote(&one.user()))),
    );
    let demoted = [left.is_ok(), right.is_ok()].into_iter().filter(|done| *done).count();
    assert_eq!(demoted, 1, "each of the two may remove the other, but not both at once");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_role_counts_at_once(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, admin) = rig.admin("north").await;
    let ada = create(&rig, &admin, "ada@north.test", "manager").await;
    let before = rig.sign_in("ada@north.test").await;
    let demote = UpdateUserRequest { role: Some("agent".to_owned()), ..change(&ada.id) };
    told(rig.users().update_user(admin.call(demote)).await).unwrap();
    assert!(rig.refresh(&before.tokens.refresh_token).await.is_err());
    weft_testkit::eventually("the old token is refused", crate::rig::PATIENCE, async || {
        rig.authority.verify(&before.tokens.access_token).is_err().then_some(())
    })
    .await;
    assert_eq!(rig.sign_in("ada@north.test").await.principal.role, Role::Agent);
    let same = UpdateUserRequest { role: Some("agent".to_owned()), ..change(&ada.id) };
    told(rig.users().update_user(admin.call(same)).await).unwrap();
    let now = rig.sign_in("ada@north.test").await;
    assert!(rig.refresh(&now.tokens.refresh_token).await.is_ok(), "the same role is no change");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_people_do_not_exist(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let (_, stranger) = rig.admin("south").await;
    let unknown = id::new::<id::User>().to_string();
    let mut answers = Vec::new();
    for id in [stranger.user().as_str(), &unknown, "user_nonsense", "42", "chan_01h455vb4pex5vsknk084sn02q"] {
        let rename = UpdateUserRequest { name: Some("x".to_owned()), ..change(id) };
        for error in [
            refusal(rig.users().get_user(me.call(GetUserRequest { id: id.to_owned() })).await),
            refusal(rig.users().update_user(me.call(rename)).await),
        ] {
            answers.push((error.code(), error.reason().to_owned(), error.message().to_owned()));
        }
    }
    answers.dedup();
    assert_eq!(answers, [(ErrorCode::NotFound, "not_found".to_owned(), "no such user".to_owned())]);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_creation_answers_as_the_first_and_another_with_its_key_is_refused(
    #[case] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let request = person("ada@north.test", "");
    let first = rig.users().create_user(me.call_once("k1", request.clone())).await.unwrap();
    let again = rig.users().create_user(me.call_once("k1", request)).await.unwrap();
    assert!(first.metadata().get(weft_rpc::REPLAYED).is_none());
    assert!(again.metadata().get(weft_rpc::REPLAYED).is_some());
    assert_eq!(first.into_inner(), again.into_inner());
    let other = CreateUserRequest { password: "another password".to_owned(), ..person("ada@north.test", "") };
    let error = refusal(rig.users().create_user(me.call_once("k1", other)).await);
    assert_eq!(error.reason(), "idempotency_key_reused");
    rig.stop().await;
}
