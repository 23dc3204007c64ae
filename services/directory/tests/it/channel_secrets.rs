use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};
use weft_domain::{ErrorCode, Role};
use weft_proto::directory::v1::{
    GetAccountRequest, GetChannelRequest, ListChannelsRequest, UpdateChannelRequest,
};

use crate::channels::{CANARY, change, create, echo, fields, update, with_echo};
use crate::rig::{Engine, refusal, told};

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_for_services_only_and_channels_for_admins() {
    let (rig, me) = with_echo(Engine::Sqlite).await;
    let made = create(&rig, &me).await;
    rig.person(me.principal.tenant, "agent@north.test", Role::Agent).await;
    let agent = rig.sign_in("agent@north.test").await;
    let error = refusal(rig.channels().create_channel(agent.call(echo())).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Forbidden, "permission_denied"));
    let get = GetChannelRequest { id: made.id.clone() };
    assert!(rig.channels().get_channel(agent.call(get)).await.is_ok());
    let channel = rig.bare();
    let mut bare = weft_proto::directory::v1::channel_accounts_client::ChannelAccountsClient::new(channel);
    let request = GetAccountRequest { channel_id: made.id };
    let error = refusal(bare.get_account(me.call(request)).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Unauthenticated, "not_of_the_fleet"));
    rig.stop().await;
}

/// CR-6: what is secret is in no answer, event, log line or file.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_show_nowhere() {
    let telemetry = weft_telemetry::init_for_test();
    let (rig, me) = with_echo(Engine::Sqlite).await;
    let mut events = rig.events(&["channel.*"]).await;
    let made = told(rig.channels().create_channel(me.call_once("k", echo())).await).unwrap();
    let patch = UpdateChannelRequest { secrets: fields(json!({"app_secret": CANARY})), ..change(&made) };
    let patched = update(&rig, &me, patch).await;
    let page = told(rig.channels().list_channels(me.call(ListChannelsRequest::default())).await).unwrap();
    assert!(!format!("{made:?}{patched:?}{page:?}").contains(CANARY));
    for _ in 0..2 {
        assert!(!holds(&events.next_raw().await.data, CANARY.as_bytes()));
    }
    let password = "canary-0815-password";
    let token = "canary-0816-api-token";
    let person = weft_proto::directory::v1::CreateUserRequest {
        email: "ada@north.test".to_owned(),
        password: password.to_owned(),
        ..Default::default()
    };
    let digest = Sha256::digest(prost::Message::encode_to_vec(&person));
    told(rig.users().create_user(me.call_once("k2", person)).await).unwrap();
    let signed_in = rig.login("ada@north.test", password, None).await.unwrap();
    let api_token =
        weft_proto::directory::v1::CreateApiTokenRequest { name: token.to_owned(), ..Default::default() };
    let api_token = told(rig.api_tokens().create_api_token(me.call_once("k3", api_token)).await).unwrap();
    let secrets = [
        CANARY.to_owned(),
        password.to_owned(),
        api_token.token.unwrap(),
        signed_in.refresh_token,
        me.tokens.refresh_token.clone(),
        signed_in.access_token,
    ];
    let mut found_name = false;
    // While everything is open: the write-ahead logs are there as well.
    for file in files(rig.home.folder.path()) {
        let content = std::fs::read(&file).unwrap();
        found_name |= holds(&content, token.as_bytes());
        assert!(!holds(&content, &digest), "a digest to guess the password by in {}", file.display());
        for secret in &secrets {
            assert!(!holds(&content, secret.as_bytes()), "{secret} in {}", file.display());
        }
    }
    assert!(found_name, "what is not secret is found this way");
    rig.stop().await;
    let log = telemetry.log_lines().join("\n");
    let spans = format!("{:?}", telemetry.spans());
    for secret in &secrets {
        assert!(!log.contains(secret) && !spans.contains(secret), "{secret}");
    }
}

fn holds(content: &[u8], needle: &[u8]) -> bool {
    content.windows(needle.len()).any(|window| window == needle)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
