use tonic::{Request, Response, Status};
use weft_proto::automation::v1::{
    Agent, ListAgentsRequest, ListAgentsResponse, UpdateAgentRequest, agents_server::Agents,
};
use weft_rpc::{accept, reply, status};

use crate::{Context, app};

#[tonic::async_trait]
impl Agents for Context {
    async fn list_agents(
        &self,
        request: Request<ListAgentsRequest>,
    ) -> Result<Response<ListAgentsResponse>, Status> {
        app::list_agents::run(self, accept(request)?).await.map(Response::new).map_err(status)
    }

    async fn update_agent(&self, request: Request<UpdateAgentRequest>) -> Result<Response<Agent>, Status> {
        let answer = app::update_agent::run(self, accept(request)?).await.map_err(status)?;
        Ok(reply(answer.value, answer.replayed))
    }
}
