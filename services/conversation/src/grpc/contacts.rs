use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    Contact, ContactSettings, CreateContactRequest, DismissMergeSuggestionRequest, GetContactRequest,
    GetContactSettingsRequest, ListContactsRequest, ListContactsResponse, ListMergeSuggestionsRequest,
    ListMergeSuggestionsResponse, ListMergesRequest, ListMergesResponse, Merge, MergeContactsRequest,
    MergeSuggestion, UndoMergeRequest, UpdateContactRequest, UpdateContactSettingsRequest,
    contacts_server::Contacts,
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

    async fn list_merge_suggestions(
        &self,
        request: Request<ListMergeSuggestionsRequest>,
    ) -> Result<Response<ListMergeSuggestionsResponse>, Status> {
        app::list_merge_suggestions::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn dismiss_merge_suggestion(
        &self,
        request: Request<DismissMergeSuggestionRequest>,
    ) -> Result<Response<MergeSuggestion>, Status> {
        let answer = app::dismiss_merge_suggestion::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn merge_contacts(
        &self,
        request: Request<MergeContactsRequest>,
    ) -> Result<Response<Merge>, Status> {
        let answer = app::merge_contacts::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn list_merges(
        &self,
        request: Request<ListMergesRequest>,
    ) -> Result<Response<ListMergesResponse>, Status> {
        app::list_merges::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn undo_merge(&self, request: Request<UndoMergeRequest>) -> Result<Response<Merge>, Status> {
        let answer = app::undo_merge::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn get_contact_settings(
        &self,
        request: Request<GetContactSettingsRequest>,
    ) -> Result<Response<ContactSettings>, Status> {
        app::get_contact_settings::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_contact_settings(
        &self,
        request: Request<UpdateContactSettingsRequest>,
    ) -> Result<Response<ContactSettings>, Status> {
        let answer = app::update_contact_settings::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
