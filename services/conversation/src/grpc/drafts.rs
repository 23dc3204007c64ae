use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{Draft, GetDraftRequest, PutDraftRequest, drafts_server::Drafts};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Drafts for Context {
    async fn get_draft(&self, request: Request<GetDraftRequest>) -> Result<Response<Draft>, Status> {
        app::get_draft::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn put_draft(&self, request: Request<PutDraftRequest>) -> Result<Response<Draft>, Status> {
        let answer = app::put_draft::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
