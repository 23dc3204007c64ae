use tonic::{Request, Response, Status};
use weft_proto::directory::v1::{
    AddTeamMemberRequest, CreateTeamRequest, DeleteTeamRequest, GetTeamRequest, ListTeamsRequest,
    ListTeamsResponse, RemoveTeamMemberRequest, Team, UpdateTeamRequest, teams_server::Teams,
};
use weft_rpc::{accept, reply, status};

use super::Methods;
use crate::app::{
    add_team_member, create_team, delete_team, get_team, list_teams, remove_team_member, update_team,
};

#[tonic::async_trait]
impl Teams for Methods {
    async fn create_team(&self, request: Request<CreateTeamRequest>) -> Result<Response<Team>, Status> {
        let call = accept(request)?;
        let once =
            create_team::run(&self.0, &call.principal, &call.message, &call.intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn list_teams(
        &self,
        request: Request<ListTeamsRequest>,
    ) -> Result<Response<ListTeamsResponse>, Status> {
        let call = accept(request)?;
        let page = list_teams::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(page))
    }

    async fn get_team(&self, request: Request<GetTeamRequest>) -> Result<Response<Team>, Status> {
        let call = accept(request)?;
        let team = get_team::run(&self.0, &call.principal, &call.message).await.map_err(status)?;
        Ok(Response::new(team))
    }

    async fn update_team(&self, request: Request<UpdateTeamRequest>) -> Result<Response<Team>, Status> {
        let call = accept(request)?;
        let once =
            update_team::run(&self.0, &call.principal, &call.message, &call.intent).await.map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn delete_team(&self, request: Request<DeleteTeamRequest>) -> Result<Response<()>, Status> {
        let call = accept(request)?;
        let once =
            delete_team::run(&self.0, &call.principal, &call.message, &call.intent).await.map_err(status)?;
        Ok(reply((), once.replayed))
    }

    async fn add_team_member(
        &self,
        request: Request<AddTeamMemberRequest>,
    ) -> Result<Response<Team>, Status> {
        let call = accept(request)?;
        let once = add_team_member::run(&self.0, &call.principal, &call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }

    async fn remove_team_member(
        &self,
        request: Request<RemoveTeamMemberRequest>,
    ) -> Result<Response<Team>, Status> {
        let call = accept(request)?;
        let once = remove_team_member::run(&self.0, &call.principal, &call.message, &call.intent)
            .await
            .map_err(status)?;
        Ok(reply(once.value, once.replayed))
    }
}
