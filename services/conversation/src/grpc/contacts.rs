use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    Contact, CreateContactRequest, GetContactRequest, ListContactsRequest, ListContactsResponse,
    UpdateContactRequest, contacts_server::Contacts,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Contacts for Context {
    async fn create_contact(
        &self,
        request: Request<CreateContactRequest>,
    ) -> Result<Response<Contact>, Status> {
        let answer = app::create_contact::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn list_contacts(
        &self,
        request: Request<ListContactsRequest>,
    ) -> Result<Response<ListContactsResponse>, Status> {
        app::list_contacts::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn get_contact(&self, request: Request<GetContactRequest>) -> Result<Response<Contact>, Status> {
        app::get_contact::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_contact(
        &self,
        request: Request<UpdateContactRequest>,
    ) -> Result<Response<Contact>, Status> {
        let answer = app::update_contact::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
