//! The methods: decode, do, encode.

use std::sync::Arc;

use prost_reflect::ReflectMessage;
use tonic::{Request, Status, metadata::MetadataMap, service::Routes};
use weft_proto::directory::v1::{
    api_tokens_server::ApiTokensServer, auth_server::AuthServer,
    channel_accounts_server::ChannelAccountsServer, channels_server::ChannelsServer,
    tenants_server::TenantsServer, users_server::UsersServer,
};

use crate::directory::Directory;

mod api_tokens;
mod auth;
mod channel_accounts;
mod channels;
mod tenants;
mod users;

/// Where the gateway says who is calling it.
const CLIENT_ADDRESS: &str = "x-weft-client-address";

/// The methods of all groups.
#[derive(Clone)]
struct Methods(Arc<Directory>);

/// All methods, to be served behind the guard.
pub(crate) fn routes(directory: &Arc<Directory>) -> Routes {
    let methods = Methods(directory.clone());
    Routes::new(AuthServer::new(methods.clone()))
        .add_service(TenantsServer::new(methods.clone()))
        .add_service(UsersServer::new(methods.clone()))
        .add_service(ApiTokensServer::new(methods.clone()))
        .add_service(ChannelsServer::new(methods.clone()))
        .add_service(ChannelAccountsServer::new(methods))
}

/// The message of a call that nobody has to sign in for, its fields checked, and the caller's address.
fn accept_anybody<M: ReflectMessage>(request: Request<M>) -> Result<(M, Option<String>), Status> {
    let (metadata, _, message) = request.into_parts();
    weft_rpc::validate(&message.transcode_to_dynamic()).map_err(weft_rpc::status)?;
    Ok((message, client_address(&metadata)))
}

fn client_address(metadata: &MetadataMap) -> Option<String> {
    let address = metadata.get(CLIENT_ADDRESS)?.to_str().ok()?;
    (!address.is_empty() && address.len() <= 64).then(|| address.to_owned())
}
