use std::time::Duration;

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use weft_auth::Authority;

use crate::{guard::FLEET_TOKEN, status};

/// How long a call may take when nobody says otherwise (LD-2).
const DEADLINE: Duration = Duration::from_secs(5);

/// A channel whose calls say who we are. Generated clients take it: `DirectoryClient::new(client)`.
pub type Client = InterceptedService<Channel, ClientAuth>;

/// Adds the fleet's identity, the trace and a deadline to each call.
#[derive(Clone)]
pub struct ClientAuth {
    authority: Authority,
}

impl ClientAuth {
    /// Calls over `channel` as a service of the fleet.
    pub fn client(channel: Channel, authority: Authority) -> Client {
        InterceptedService::new(channel, Self { authority })
    }
}

impl Interceptor for ClientAuth {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let token = self.authority.service_token().map_err(status)?;
        let token: MetadataValue<Ascii> = token.parse().map_err(|_| Status::internal("a token is ASCII"))?;
        request.metadata_mut().insert(FLEET_TOKEN, token);
        weft_telemetry::inject_grpc(request.metadata_mut());
        if request.metadata().get("grpc-timeout").is_none() {
            request.set_timeout(DEADLINE);
        }
        Ok(request)
    }
}
