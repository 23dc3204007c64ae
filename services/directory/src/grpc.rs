//! The methods: decode, do, encode.

use std::sync::Arc;

use tonic::service::Routes;
use weft_proto::directory::v1::{
    api_tokens_server::ApiTokensServer, auth_server::AuthServer,
    channel_accounts_server::ChannelAccountsServer, channels_server::ChannelsServer,
    teams_server::TeamsServer, template_store_server::TemplateStoreServer, templates_server::TemplatesServer,
    tenants_server::TenantsServer, users_server::UsersServer,
};

use crate::directory::Directory;

mod api_tokens;
mod auth;
mod channel_accounts;
mod channels;
mod teams;
mod templates;
mod tenants;
mod users;

/// The methods of all groups.
#[derive(Clone)]
struct Methods(Arc<Directory>);

/// All methods, to be served behind the guard.
pub(crate) fn routes(directory: &Arc<Directory>) -> Routes {
    let methods = Methods(directory.clone());
    Routes::new(AuthServer::new(methods.clone()))
        .add_service(TenantsServer::new(methods.clone()))
        .add_service(UsersServer::new(methods.clone()))
        .add_service(TeamsServer::new(methods.clone()))
        .add_service(ApiTokensServer::new(methods.clone()))
        .add_service(ChannelsServer::new(methods.clone()))
        .add_service(TemplatesServer::new(methods.clone()))
        .add_service(TemplateStoreServer::new(methods.clone()))
        .add_service(ChannelAccountsServer::new(methods))
}
