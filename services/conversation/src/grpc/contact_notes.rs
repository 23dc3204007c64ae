use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    ContactNote, CreateContactNoteRequest, DeleteContactNoteRequest, ListContactNotesRequest,
    ListContactNotesResponse, ListContactTimelineRequest, ListContactTimelineResponse,
    UpdateContactNoteRequest, contact_notes_server::ContactNotes, contact_timeline_server::ContactTimeline,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl ContactNotes for Context {
    async fn create_contact_note(
        &self,
        request: Request<CreateContactNoteRequest>,
    ) -> Result<Response<ContactNote>, Status> {
        let answer = app::create_contact_note::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn list_contact_notes(
        &self,
        request: Request<ListContactNotesRequest>,
    ) -> Result<Response<ListContactNotesResponse>, Status> {
        app::list_contact_notes::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_contact_note(
        &self,
        request: Request<UpdateContactNoteRequest>,
    ) -> Result<Response<ContactNote>, Status> {
        let answer = app::update_contact_note::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_contact_note(
        &self,
        request: Request<DeleteContactNoteRequest>,
    ) -> Result<Response<ContactNote>, Status> {
        let answer = app::delete_contact_note::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}

#[tonic::async_trait]
impl ContactTimeline for Context {
    async fn list_contact_timeline(
        &self,
        request: Request<ListContactTimelineRequest>,
    ) -> Result<Response<ListContactTimelineResponse>, Status> {
        app::list_contact_timeline::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }
}
