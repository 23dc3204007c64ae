use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::Role;
use weft_proto::directory::v1::{GetKeysRequest, GetMeRequest, RotateKeysRequest};

use crate::rig::{Engine, PATIENCE, Rig, refusal, told};

async fn published(rig: &Rig) -> Vec<String> {
    let keys = told(rig.auth().get_keys(GetKeysRequest {}).await).unwrap().keys;
    assert!(
        keys.iter()
            .all(|key| (key.kty.as_str(), key.crv.as_str(), key.alg.as_str()) == ("OKP", "Ed25519", "EdDSA"))
    );
    keys.into_iter().map(|key| key.kid).collect()
}

/// The `kid` in a token's header, as text inside its first part.
async fn signs_with(rig: &Rig, email: &str) -> String {
    let token = rig.sign_in(email).await.tokens.access_token;
    token.split('.').next().unwrap().to_owned()
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_published_before_it_signs_and_old_tokens_stay_valid(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let home = rig.tenant("operations").await;
    rig.person(home, "root@operations.test", Role::Operator).await;
    let root = rig.sign_in("root@operations.test").await;
    let first = published(&rig).await;
    assert_eq!(first.len(), 1);
    let old_header = signs_with(&rig, "root@operations.test").await;

    let rotated = told(rig.auth().rotate_keys(root.call(RotateKeysRequest {})).await).unwrap();
    assert_eq!(rotated.keys.len(), 2, "the next one is published");
    assert_eq!(signs_with(&rig, "root@operations.test").await, old_header, "and does not sign yet");
    let again = told(rig.auth().rotate_keys(root.call(RotateKeysRequest {})).await).unwrap();
    assert_eq!(again, rotated, "one is on its way already");

    let far = rig.far_authority().await;
    rig.clock().advance(TimeDelta::seconds(600));
    assert_ne!(signs_with(&rig, "root@operations.test").await, old_header, "now it signs");
    let late = rig.sign_in("root@operations.test").await;
    assert!(far.verify(&late.tokens.access_token).is_ok(), "who fetched the keys before knows it");
    assert!(told(rig.auth().get_me(root.call(GetMeRequest {})).await).is_ok(), "old tokens stay valid");
    assert_eq!(published(&rig).await.len(), 2, "as long as one of them may live");
    rig.clock().advance(TimeDelta::seconds(901));
    let left = published(&rig).await;
    assert!(left.len() == 1 && left != first, "then the old key is gone");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_old_key_is_replaced_by_itself_and_a_spent_one_is_deleted(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    rig.admin("north").await;
    let first = published(&rig).await;
    let home = rig.home.clone();
    rig.stop().await;
    home.clock.advance(TimeDelta::days(31));
    let rig = Rig::start_on(home.clone()).await;
    let both = published(&rig).await;
    assert_eq!((both.len(), &both[..1]), (2, first.as_slice()));
    rig.stop().await;
    home.clock.advance(TimeDelta::days(1));
    let rig = Rig::start_on(home).await;
    assert_eq!(published(&rig).await, &both[1..]);
    assert!(rig.login("admin@north.test", crate::rig::PASSWORD, None).await.is_ok());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_make_one_key_and_trust_each_other() {
    let rig = Rig::new(Engine::Postgres).await;
    let home = rig.home.clone();
    let replicas = futures::future::join_all((0..4).map(|_| Rig::start_on(home.clone()))).await;
    assert_eq!(published(&rig).await.len(), 1);
    let (_, me) = rig.admin("north").await;
    for replica in replicas {
        assert!(replica.authority.verify(&me.tokens.access_token).is_ok());
        assert!(replica.refresh(&me.tokens.refresh_token).await.is_ok(), "and derive the same successor");
        replica.stop().await;
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_hears_what_another_takes_back() {
    let rig = Rig::new(Engine::Postgres).await;
    let (_, me) = rig.admin("north").await;
    let replica = rig.replica().await;
    let request = me.call(weft_proto::directory::v1::LogoutRequest::default());
    told(rig.auth().logout(request).await).unwrap();
    weft_testkit::eventually("the other replica refuses", PATIENCE, async || {
        replica.authority.verify(&me.tokens.access_token).is_err().then_some(())
    })
    .await;
    replica.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_operator_rotates_keys() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (_, admin) = rig.admin("north").await;
    let error = refusal(rig.auth().rotate_keys(admin.call(RotateKeysRequest {})).await);
    assert_eq!(error.reason(), "permission_denied");
    rig.stop().await;
}
