use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tonic::{Request, Response, Status, service::Routes};
use weft_proto::directory::v1::{
    ChannelTemplate, FindTemplateRequest, FindTemplateResponse, KeepTemplatesRequest,
    template_store_server::{TemplateStore, TemplateStoreServer},
};

/// A tenant and one of its channels.
type Whose = (String, String);

/// The templates of all channels, as `directory` would find them.
#[derive(Clone, Default)]
pub(crate) struct Templates(Arc<Mutex<HashMap<Whose, Vec<ChannelTemplate>>>>);

impl Templates {
    /// All that a channel has from now on.
    pub(crate) fn put(&self, tenant: &str, channel: &str, templates: Vec<ChannelTemplate>) {
        self.0.lock().unwrap().insert((tenant.to_owned(), channel.to_owned()), templates);
    }

    pub(crate) fn routes(&self) -> Routes {
        Routes::new(TemplateStoreServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl TemplateStore for Templates {
    async fn keep_templates(&self, _: Request<KeepTemplatesRequest>) -> Result<Response<()>, Status> {
        Err(Status::unimplemented("conversations keep no templates"))
    }

    async fn find_template(
        &self,
        request: Request<FindTemplateRequest>,
    ) -> Result<Response<FindTemplateResponse>, Status> {
        let (_, request) = weft_rpc::accept_service(request)?;
        let all = self.0.lock().unwrap();
        let Some(known) = all.get(&(request.tenant_id, request.channel_id)) else {
            return Ok(Response::new(FindTemplateResponse::default()));
        };
        let named: Vec<_> = known.iter().filter(|template| template.name == request.name).collect();
        let found = named.iter().find(|template| template.language == request.language);
        Ok(Response::new(FindTemplateResponse {
            template: found.map(|template| (*template).clone()),
            languages: named.iter().map(|template| template.language.clone()).collect(),
            synced: true,
        }))
    }
}
