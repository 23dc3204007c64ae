use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_proto::automation::v1::{self as wire, CreateBusinessHoursRequest, span::Day};
use weft_rpc::Accepted;
use weft_store::{Once, Tx};

use crate::{
    Context,
    hours::{Calendar, Holiday, MIDNIGHT, Span, Weekly},
    show,
    store::business_hours::{self, Model},
};

/// So many a tenant has.
const MOST: u64 = 100;
/// Ten on each day of a week.
const MOST_SPANS: usize = 70;
const MOST_HOLIDAYS: usize = 200;
const LONGEST_NAME: usize = 80;

/// Saves hours.
pub(crate) async fn run(
    context: &Context,
    call: Accepted<CreateBusinessHoursRequest>,
) -> Result<Once<wire::Hours>> {
    let request = &call.message;
    let (name, zone) = (&named(&request.name)?, zone(&request.time_zone)?);
    let calendar = &Calendar {
        weekly: weekly(&request.weekly, "weekly")?,
        holidays: holidays(&request.holidays, "holidays")?,
    };
    let create = |tx: Tx| async move {
        if business_hours::count(&tx).await? >= MOST {
            let words = format!("there are {MOST} business hours already; delete some of them first");
            return Err(Error::precondition("too_many_business_hours", words));
        }
        let row = Model {
            tenant_id: tx.tenant().uuid(),
            id: Uuid::now_v7(),
            name: name.clone(),
            time_zone: zone.name().to_owned(),
            calendar: calendar.clone(),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        business_hours::save(&tx, &row).await?;
        Ok(show::hours(&row, tx.now()))
    };
    context.store.tenant(call.principal.tenant).write_once(&call.intent, create).await
}

/// One space between its words, and some.
pub(super) fn named(text: &str) -> Result<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(Error::invalid_field("name", "`name` must not be empty"));
    }
    Ok(name)
}

/// A time zone by its name.
pub(super) fn zone(text: &str) -> Result<Tz> {
    let words = "`time_zone` must be a name of the IANA database, like `Europe/Berlin`";
    text.parse().map_err(|_| Error::invalid_field("time_zone", words))
}

/// When it is open each week.
pub(super) fn weekly(given: &[wire::Span], field: &str) -> Result<Vec<Weekly>> {
    limited(given.len(), MOST_SPANS, field)?;
    let read = |(index, one): (usize, &wire::Span)| {
        let at = format!("{field}[{index}]");
        let day = match one.day() {
            Day::Monday => Weekday::Mon,
            Day::Tuesday => Weekday::Tue,
            Day::Wednesday => Weekday::Wed,
            Day::Thursday => Weekday::Thu,
            Day::Friday => Weekday::Fri,
            Day::Saturday => Weekday::Sat,
            Day::Sunday => Weekday::Sun,
            Day::Unspecified => {
                let words = format!("`{at}.day` must be one of `monday` to `sunday`");
                return Err(Error::invalid_field(&format!("{at}.day"), words));
            }
        };
        Ok(Weekly { day, span: span(&one.from, &one.to, &at)? })
    };
    given.iter().enumerate().map(read).collect()
}

/// Days that are not like others.
pub(super) fn holidays(given: &[wire::Holiday], field: &str) -> Result<Vec<Holiday>> {
    limited(given.len(), MOST_HOLIDAYS, field)?;
    let read = |(index, one): (usize, &wire::Holiday)| {
        let at = format!("{field}[{index}]");
        let date = NaiveDate::parse_from_str(&one.date, "%Y-%m-%d").map_err(|_| {
            let words = format!("`{at}.date` must be a day as `YYYY-MM-DD`");
            Error::invalid_field(&format!("{at}.date"), words)
        })?;
        if one.name.chars().count() > LONGEST_NAME {
            let words = format!("`{at}.name` has at most {LONGEST_NAME} characters");
            return Err(Error::invalid_field(&format!("{at}.name"), words));
        }
        let is_closed = one.from.is_empty() && one.to.is_empty();
        let open = if is_closed { None } else { Some(span(&one.from, &one.to, &at)?) };
        Ok(Holiday { date, name: one.name.trim().to_owned(), open })
    };
    given.iter().enumerate().map(read).collect()
}

fn limited(count: usize, most: usize, field: &str) -> Result<()> {
    if count <= most {
        return Ok(());
    }
    Err(Error::invalid_field(field, format!("`{field}` has at most {most} items")))
}

fn span(from: &str, to: &str, at: &str) -> Result<Span> {
    let read = |text: &str, name: &str| {
        minute(text).ok_or_else(|| {
            let words = format!("`{at}.{name}` must be a time as `HH:MM`, from `00:00` to `24:00`");
            Error::invalid_field(&format!("{at}.{name}"), words)
        })
    };
    let span = Span { from: read(from, "from")?, to: read(to, "to")? };
    if span.from >= span.to {
        let words =
            format!("`{at}.to` must be later than `from`; what goes over midnight is a span on each day");
        return Err(Error::invalid_field(&format!("{at}.to"), words));
    }
    Ok(span)
}

fn minute(text: &str) -> Option<u16> {
    let two = |digits: &str| {
        let all = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        if all { digits.parse::<u16>().ok() } else { None }
    };
    let (hours, minutes) = text.split_once(':')?;
    let minute = two(hours)? * 60 + two(minutes).filter(|minutes| *minutes < 60)?;
    Some(minute).filter(|minute| *minute <= MIDNIGHT)
}
