use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    CreateTenantRequest, GetTenantRequest, ListTenantsRequest, ListTenantsResponse, Tenant,
    UpdateTenantRequest, tenants_server::Tenants,
};
use weft_rpc::{accept, reply, status};

use super::Methods;
use crate::app::{create_tenant, get_tenant, list_tenants, update_tenant};

#[tonic::async_trait]
impl Tenants for Methods {
    async fn create_tenant(&self, request: Request<CreateTenantRequest>) -> Result<Response<Tenant>, Status> {
        let call = accept(request)?;
        let intent = self.0.keyed(call.intent);
        let once = create_tenant::run(&self.0, call.message, &intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn list_tenants(
        &self,
        request: Request<ListTenantsRequest>,
    ) -> Result<Response<ListTenantsResponse>, Status> {
        let call = accept(request)?;
        let page = list_tenants::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn get_tenant(&self, request: Request<GetTenantRequest>) -> Result<Response<Tenant>, Status> {
        let call = accept(request)?;
        let tenant = get_tenant::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(tenant))
    }

    async fn update_tenant(&self, request: Request<UpdateTenantRequest>) -> Result<Response<Tenant>, Status> {
        let call = accept(request)?;
        let once =
            update_tenant::run(&self.0, &call.principal, call.message, &call.intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }
}
