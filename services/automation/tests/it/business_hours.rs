//! When somebody is there.

use rstest::rstest;
use weft_domain::{Result, Role, id};
use weft_proto::automation::v1::{
    CreateBusinessHoursRequest, DeleteBusinessHoursRequest, Holiday, Holidays, Hours,
    ListBusinessHoursRequest, Span, UpdateBusinessHoursRequest, Week,
    business_hours_client::BusinessHoursClient, span::Day,
};

use crate::{
    rig::{Engine, Rig},
    team::{Team, answer},
};

impl Team<'_> {
    fn hours_client(&self) -> BusinessHoursClient<tonic::transport::Channel> {
        BusinessHoursClient::new(self.channel())
    }

    fn as_manager<T>(&self, message: T) -> tonic::Request<T> {
        self.signed(Role::Manager, &id::new::<id::User>().to_string(), message)
    }

    pub(crate) async fn keep_hours(&self, request: CreateBusinessHoursRequest) -> Result<Hours> {
        answer(self.hours_client().create_business_hours(self.as_manager(request)).await)
    }

    async fn change_hours(&self, request: UpdateBusinessHoursRequest) -> Result<Hours> {
        answer(self.hours_client().update_business_hours(self.as_manager(request)).await)
    }

    pub(crate) async fn delete_hours(&self, id: &str) -> Result<()> {
        let request = DeleteBusinessHoursRequest { id: id.to_owned() };
        answer(self.hours_client().delete_business_hours(self.as_manager(request)).await)
    }

    async fn all_hours(&self) -> Vec<Hours> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListBusinessHoursRequest { page_size: 1, page_token };
            let page =
                answer(self.hours_client().list_business_hours(self.as_manager(request)).await).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }
}

pub(crate) fn span(day: Day, from: &str, to: &str) -> Span {
    Span { day: day.into(), from: from.into(), to: to.into() }
}

/// All days of a week, from one time to another.
pub(crate) fn each_day(from: &str, to: &str) -> CreateBusinessHoursRequest {
    let days =
        [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];
    CreateBusinessHoursRequest {
        name: " Front  desk ".into(),
        time_zone: "Europe/Berlin".into(),
        weekly: days.map(|day| span(day, from, to)).to_vec(),
        holidays: Vec::new(),
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn hours_are_kept_as_they_were_given_and_say_whether_it_is_open(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let team = rig.team();
    let holidays = vec![
        Holiday { date: "2031-12-25".into(), name: "Christmas".into(), ..Default::default() },
        Holiday { date: "2031-12-24".into(), name: "Eve".into(), from: "09:00".into(), to: "12:30".into() },
    ];
    let always = CreateBusinessHoursRequest { holidays: holidays.clone(), ..each_day("00:00", "24:00") };
    let kept = team.keep_hours(always.clone()).await.unwrap();
    assert_eq!((kept.name.as_str(), kept.time_zone.as_str()), ("Front desk", "Europe/Berlin"));
    assert_eq!((&kept.weekly, &kept.holidays), (&always.weekly, &holidays));
    assert!(kept.is_open && kept.changes_at.is_none(), "{kept:?}");
    let never = CreateBusinessHoursRequest { weekly: Vec::new(), ..each_day("09:00", "10:00") };
    let other = team.keep_hours(never).await.unwrap();
    assert!(!other.is_open && other.changes_at.is_none(), "{other:?}");
    assert_eq!(team.all_hours().await, [kept.clone(), other.clone()]);
    assert_eq!(rig.team().all_hours().await, []);

    let week = Week { items: vec![span(Day::Sunday, "10:00", "11:00")] };
    let change = UpdateBusinessHoursRequest {
        id: kept.id.clone(),
        weekly: Some(week.clone()),
        holidays: Some(Holidays::default()),
        ..Default::default()
    };
    let changed = team.change_hours(change).await.unwrap();
    assert_eq!((changed.weekly, changed.holidays.len(), changed.name), (week.items, 0, kept.name));
    assert!(changed.changes_at.is_some());
    team.delete_hours(&kept.id).await.unwrap();
    assert_eq!(team.delete_hours(&kept.id).await.unwrap_err().reason(), "not_found");
    assert_eq!(rig.team().delete_hours(&other.id).await.unwrap_err().reason(), "not_found");
    assert_eq!(team.all_hours().await, [other]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_that_cannot_be_say_where_and_why() {
    let rig = Rig::new(Engine::Sqlite).await;
    let team = rig.team();
    let with = |spans: Vec<Span>| CreateBusinessHoursRequest { weekly: spans, ..each_day("09:00", "10:00") };
    let on = |date: &str| Holiday { date: date.into(), ..Default::default() };
    let off = |holidays: Vec<Holiday>| CreateBusinessHoursRequest { holidays, ..each_day("09:00", "10:00") };
    let fine = span(Day::Monday, "09:00", "10:00");
    for (request, field) in [
        (CreateBusinessHoursRequest { name: " ".into(), ..each_day("09:00", "10:00") }, "name"),
        (
            CreateBusinessHoursRequest { time_zone: "Berlin".into(), ..each_day("09:00", "10:00") },
            "time_zone",
        ),
        (with(vec![fine.clone(), span(Day::Monday, "9:00", "10:00")]), "weekly[1].from"),
        (with(vec![span(Day::Monday, "09:60", "10:00")]), "weekly[0].from"),
        (with(vec![span(Day::Monday, "09:00", "24:01")]), "weekly[0].to"),
        (with(vec![span(Day::Monday, "22:00", "06:00")]), "weekly[0].to"),
        (with(vec![span(Day::Monday, "09:00", "09:00")]), "weekly[0].to"),
        (with(vec![span(Day::Unspecified, "09:00", "10:00")]), "weekly[0].day"),
        (with(vec![fine; 71]), "weekly"),
        (off(vec![on("2031-02-29")]), "holidays[0].date"),
        (off(vec![on("2031-02-28"); 201]), "holidays"),
        (off(vec![Holiday { from: "09:00".into(), ..on("2031-02-28") }]), "holidays[0].to"),
        (off(vec![Holiday { name: "x".repeat(81), ..on("2031-02-28") }]), "holidays[0].name"),
    ] {
        let error = team.keep_hours(request).await.unwrap_err();
        assert_eq!(error.field(), Some(field), "{error}");
    }
    for _ in 0..100 {
        team.keep_hours(each_day("09:00", "10:00")).await.unwrap();
    }
    let error = team.keep_hours(each_day("09:00", "10:00")).await.unwrap_err();
    assert_eq!(error.reason(), "too_many_business_hours");
}
