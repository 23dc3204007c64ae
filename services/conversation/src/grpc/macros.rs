use tonic::{Request, Response, Status};
use weft_proto::conversation::v1::{
    CreateMacroRequest, DeleteMacroRequest, ListMacrosRequest, ListMacrosResponse, Macro, RunMacroRequest,
    RunMacroResponse, UpdateMacroRequest, macros_server::Macros,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Macros for Context {
    async fn list_macros(
        &self,
        request: Request<ListMacrosRequest>,
    ) -> Result<Response<ListMacrosResponse>, Status> {
        app::list_macros::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn create_macro(&self, request: Request<CreateMacroRequest>) -> Result<Response<Macro>, Status> {
        let answer = app::create_macro::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn update_macro(&self, request: Request<UpdateMacroRequest>) -> Result<Response<Macro>, Status> {
        let answer = app::update_macro::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }

    async fn delete_macro(&self, request: Request<DeleteMacroRequest>) -> Result<Response<()>, Status> {
        let answer = app::delete_macro::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply((), answer.replayed))
    }

    async fn run_macro(
        &self,
        request: Request<RunMacroRequest>,
    ) -> Result<Response<RunMacroResponse>, Status> {
        let answer = app::run_macro::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
