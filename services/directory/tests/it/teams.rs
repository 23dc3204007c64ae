//! People who share work.

use rstest::rstest;
use weft_domain::{ErrorCode, Role, id};
use weft_proto::{
    directory::v1::{
        AddTeamMemberRequest, CreateTeamRequest, DeleteTeamRequest, GetTeamRequest, ListTeamsRequest,
        RemoveTeamMemberRequest, Team, UpdateTeamRequest, UpdateUserRequest,
    },
    events::v1::TeamUpdated,
};

use crate::rig::{Engine, Me, Rig, refusal, told};

fn team(name: &str, members: &[&str]) -> CreateTeamRequest {
    CreateTeamRequest {
        name: name.to_owned(),
        description: String::new(),
        members: members.iter().map(|&id| id.to_owned()).collect(),
    }
}

fn member(team: &Team, user: &str) -> AddTeamMemberRequest {
    AddTeamMemberRequest { id: team.id.clone(), user_id: user.to_owned() }
}

fn no_member(team: &Team, user: &str) -> RemoveTeamMemberRequest {
    RemoveTeamMemberRequest { id: team.id.clone(), user_id: user.to_owned() }
}

impl Rig {
    async fn create_team(&self, me: &Me, name: &str, members: &[&str]) -> Team {
        told(self.teams().create_team(me.call(team(name, members))).await).unwrap()
    }

    async fn all_teams(&self, me: &Me, page_size: u32) -> Vec<Team> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListTeamsRequest { page_size, page_token };
            let page = told(self.teams().list_teams(me.call(request)).await).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_team_is_made_shown_listed_changed_and_deleted_and_each_change_is_told_as_a_whole(
    #[case] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, me) = rig.admin("north").await;
    let ada = rig.person(tenant, "ada@north.test", Role::Agent).await.to_string();
    let mut events = rig.events(&["team.*"]).await;
    let night = rig.create_team(&me, " Night   shift ", &[&ada, &ada]).await;
    assert_eq!((night.name.as_str(), night.members.as_slice()), ("Night shift", std::slice::from_ref(&ada)));
    let shown = told(rig.teams().get_team(me.call(GetTeamRequest { id: night.id.clone() })).await).unwrap();
    assert_eq!(shown, night);

    let both = told(rig.teams().add_team_member(me.call(member(&night, &me.user()))).await).unwrap();
    assert_eq!(both.members.len(), 2);
    let again = told(rig.teams().add_team_member(me.call(member(&night, &me.user()))).await).unwrap();
    assert_eq!(again, both, "a member becomes none again");
    let rename = UpdateTeamRequest {
        id: night.id.clone(),
        name: Some("Owls".into()),
        description: Some("From ten to six".into()),
    };
    let owls = told(rig.teams().update_team(me.call(rename.clone())).await).unwrap();
    assert_eq!((owls.name.as_str(), owls.description.as_str()), ("Owls", "From ten to six"));
    assert_eq!(told(rig.teams().update_team(me.call(rename)).await).unwrap(), owls);
    let alone = told(rig.teams().remove_team_member(me.call(no_member(&night, &ada))).await).unwrap();
    assert_eq!(alone.members, [me.user()]);
    assert_eq!(told(rig.teams().remove_team_member(me.call(no_member(&night, &ada))).await).unwrap(), alone);

    for name in ["bees", "Ants", "cats"] {
        rig.create_team(&me, name, &[]).await;
    }
    let names: Vec<String> = rig.all_teams(&me, 2).await.into_iter().map(|team| team.name).collect();
    assert_eq!(names, ["Ants", "bees", "cats", "Owls"]);
    told(rig.teams().delete_team(me.call(DeleteTeamRequest { id: night.id.clone() })).await).unwrap();
    assert_eq!(rig.all_teams(&me, 2).await.len(), 3);

    let mut last = None;
    for expected in [&night, &both, &owls, &alone] {
        let event: TeamUpdated = events.next().await;
        let shown = event.team.unwrap();
        assert_eq!((&shown, event.removed), (expected, false));
        let at = shown.updated_at.map(|at| (at.seconds, at.nanos));
        assert!(at > last, "each change is later than the one before, whatever the clock says");
        last = at;
    }
    for _ in 0..3 {
        assert!(!events.next::<TeamUpdated>().await.removed);
    }
    let gone: TeamUpdated = events.next().await;
    assert!(gone.removed && gone.team.unwrap().id == night.id);
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_team_s_however_it_is_written(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let (_, stranger) = rig.admin("south").await;
    let night = rig.create_team(&me, "Night Shift", &[]).await;
    let day = rig.create_team(&me, "Day", &[]).await;
    rig.create_team(&stranger, "Night shift", &[]).await;
    let rename = |id: &str, name: &str| UpdateTeamRequest {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        description: None,
    };
    for error in [
        refusal(rig.teams().create_team(me.call(team("NIGHT  shift", &[]))).await),
        refusal(rig.teams().update_team(me.call(rename(&day.id, "night shift"))).await),
    ] {
        assert_eq!((error.code(), error.reason()), (ErrorCode::Conflict, "team_name_taken"));
        assert_eq!(error.field(), Some("name"));
    }
    let same = told(rig.teams().update_team(me.call(rename(&night.id, "night shift"))).await).unwrap();
    assert_eq!(same.name, "night shift");
    for empty in ["", "  "] {
        let error = refusal(rig.teams().create_team(me.call(team(empty, &[]))).await);
        assert_eq!(error.field(), Some("name"));
    }
    told(rig.teams().delete_team(me.call(DeleteTeamRequest { id: night.id })).await).unwrap();
    rig.create_team(&me, "night shift", &[]).await;
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn members_are_people_of_the_tenant_and_stay_when_they_are_disabled(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, me) = rig.admin("north").await;
    let (_, stranger) = rig.admin("south").await;
    let ada = rig.person(tenant, "ada@north.test", Role::Agent).await.to_string();
    let night = rig.create_team(&me, "Night", &[&ada]).await;
    let disable = UpdateUserRequest { id: ada.clone(), disabled: Some(true), ..Default::default() };
    told(rig.users().update_user(me.call(disable)).await).unwrap();
    assert_eq!(rig.all_teams(&me, 0).await[0].members, std::slice::from_ref(&ada));

    let unknown = id::new::<id::User>().to_string();
    for other in [stranger.user().as_str(), &unknown] {
        let error = refusal(rig.teams().create_team(me.call(team("Other", &[&ada, other]))).await);
        assert_eq!((error.reason(), error.field()), ("unknown_user", Some("members[1]")));
        assert!(error.message().contains(other), "{error}");
        for error in [
            refusal(rig.teams().add_team_member(me.call(member(&night, other))).await),
            refusal(rig.teams().remove_team_member(me.call(no_member(&night, other))).await),
        ] {
            assert_eq!((error.code(), error.message()), (ErrorCode::NotFound, "no such user"));
        }
    }
    let error = refusal(rig.teams().create_team(me.call(team("Other", &["Ann"]))).await);
    assert_eq!(error.field(), Some("members[0]"));
    assert_eq!(rig.all_teams(&me, 0).await.len(), 1, "what is refused makes nothing");
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn teams_are_bounded_and_managers_make_them(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, me) = rig.admin("north").await;
    for (role, may) in [(Role::Agent, false), (Role::Supervisor, false), (Role::Manager, true)] {
        let email = format!("{role}@north.test");
        rig.person(tenant, &email, role).await;
        let somebody = rig.sign_in(&email).await;
        let made = told(rig.teams().create_team(somebody.call(team(&email, &[]))).await);
        assert_eq!(made.is_ok(), may, "{role}");
        rig.all_teams(&somebody, 0).await;
    }
    for n in 1..200 {
        rig.create_team(&me, &format!("team {n}"), &[]).await;
    }
    let error = refusal(rig.teams().create_team(me.call(team("one more", &[]))).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "too_many_teams"));
    let many: Vec<String> = (0..501).map(|_| id::new::<id::User>().to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let error = refusal(rig.teams().create_team(me.call(team("crowd", &many))).await);
    assert_eq!((error.code(), error.reason()), (ErrorCode::Precondition, "too_many_members"));
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_teams_do_not_exist(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (_, me) = rig.admin("north").await;
    let (_, stranger) = rig.admin("south").await;
    let theirs = rig.create_team(&stranger, "Theirs", &[]).await;
    let mut answers = Vec::new();
    for id in [theirs.id.as_str(), &id::new::<id::Team>().to_string(), "team_nonsense", &me.user()] {
        let of = Team { id: id.to_owned(), ..Team::default() };
        let rename = UpdateTeamRequest { id: id.to_owned(), name: Some("x".into()), description: None };
        for error in [
            refusal(rig.teams().get_team(me.call(GetTeamRequest { id: id.to_owned() })).await),
            refusal(rig.teams().update_team(me.call(rename)).await),
            refusal(rig.teams().delete_team(me.call(DeleteTeamRequest { id: id.to_owned() })).await),
            refusal(rig.teams().add_team_member(me.call(member(&of, &me.user()))).await),
            refusal(rig.teams().remove_team_member(me.call(no_member(&of, &me.user()))).await),
        ] {
            answers.push((error.code(), error.message().to_owned()));
        }
    }
    answers.dedup();
    assert_eq!(answers, [(ErrorCode::NotFound, "no such team".to_owned())]);
    assert!(rig.all_teams(&me, 0).await.is_empty());
    rig.stop().await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn of_members_who_come_at_the_same_time_none_is_lost(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (tenant, me) = rig.admin("north").await;
    let mut events = rig.events(&["team.*"]).await;
    let night = rig.create_team(&me, "Night", &[]).await;
    let mut people = Vec::new();
    for n in 0..12 {
        people.push(rig.person(tenant, &format!("p{n}@north.test"), Role::Agent).await.to_string());
    }
    let add = |user: &String| {
        let request = me.call(member(&night, user));
        async { told(rig.teams().add_team_member(request).await).unwrap() }
    };
    futures::future::join_all(people.iter().map(add)).await;
    let shown = told(rig.teams().get_team(me.call(GetTeamRequest { id: night.id })).await).unwrap();
    assert_eq!(shown.members.len(), 12);
    let mut told = Vec::new();
    for _ in 0..13 {
        let team = events.next::<TeamUpdated>().await.team.unwrap();
        told.push((team.updated_at.map(|at| (at.seconds, at.nanos)), team.members.len()));
    }
    told.sort_unstable();
    let counts: Vec<usize> = told.into_iter().map(|(_, count)| count).collect();
    assert_eq!(counts, (0..13).collect::<Vec<_>>(), "each is told of, and later than the one before");
    rig.stop().await;
}
