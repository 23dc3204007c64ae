//! The methods that are for services of the fleet alone (AU-13), over TLS as between pods.

use bytes::Bytes;
use tonic::{Code, Request};
use weft_proto::operation::{self, Operation};
use weft_rpc::{Channels, RawClient, Tls};

use crate::apart::Apart;

/// What a caller shows besides its certificate.
#[derive(Debug)]
enum Shown {
    Nothing,
    UsersToken(String),
    FleetToken(String),
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_for_services_are_refused_to_everybody_else() {
    let apart = Apart::start().await;
    let users = apart.admin().await.token().to_owned();
    let fleets = apart.process("media").parts().authority.service_token().unwrap();
    let own = apart.ours.issue(&["media"]);
    let other = apart.ours.issue(&["channel-echo"]);
    let mut faults = Vec::new();
    let (mut tried, mut methods) = (0, 0);
    for operation in operation::all().iter().filter(|operation| operation.policy.service) {
        methods += 1;
        let owner = operation.service.split('.').nth(1).unwrap();
        for (certificate, shown, refused) in [
            (&own, Shown::Nothing, true),
            (&own, Shown::UsersToken(users.clone()), true),
            (&own, Shown::FleetToken("nonsense".to_owned()), true),
            (&other, Shown::FleetToken(fleets.clone()), true),
            (&own, Shown::FleetToken(fleets.clone()), false),
        ] {
            tried += 1;
            let tls =
                Tls::read(&apart.ours.ca_file(), &certificate.cert_file, &certificate.key_file).unwrap();
            let mut channels = Channels::secured(tls);
            channels.remote(owner, &format!("https://127.0.0.1:{}", apart.ports[owner])).unwrap();
            let code = call(&channels, owner, operation, &shown).await;
            if (code == Code::Unauthenticated) != refused {
                faults.push(format!("{} with {shown:?}: {code:?}", operation.path));
            }
        }
    }
    println!("RPC service methods={methods} tried={tried} wrong={}", faults.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(methods >= 8, "only {methods} methods are for services");
    apart.stop().await;
}

async fn call(channels: &Channels, owner: &str, operation: &'static Operation, shown: &Shown) -> Code {
    let mut request = Request::new(Bytes::new());
    let metadata = request.metadata_mut();
    match shown {
        Shown::Nothing => {}
        Shown::UsersToken(token) => {
            metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
            metadata.insert("x-weft-fleet-token", token.parse().unwrap());
        }
        Shown::FleetToken(token) => {
            metadata.insert("x-weft-fleet-token", token.parse().unwrap());
        }
    }
    let client = RawClient::new(channels.to(owner).unwrap());
    client.call(&operation.path, request).await.err().map_or(Code::Ok, |status| status.code())
}
