use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_store::Tx;

use crate::{
    contact_rows::Told,
    csv_rows::Row,
    custom_fields::Of,
    events,
    store::{
        addresses,
        contact_files::{Layout, count},
        contact_lists, contact_tags, contacts,
        custom_fields::{self, Values},
        entity::{contact, contact_import, contact_import_error, custom_field},
        settings,
        tags::Words,
    },
};

/// Contacts that a dry run would have made, by what they would be known by.
pub(crate) type Imagined = HashMap<String, Uuid>;

/// What became of some rows.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// How many made a contact.
    pub(crate) created: i64,
    /// How many were of a contact that there was.
    pub(crate) updated: i64,
    /// Those that could not be taken.
    pub(crate) errors: Vec<contact_import_error::Model>,
    /// Whom a dry run would have made besides.
    pub(crate) imagined: Imagined,
}

/// A contact as it was, none if it is new, and as it is now.
struct Person {
    before: Option<contact::Model>,
    now: contact::Model,
}

/// Some rows of a file, and who is there already.
struct Desk<'a> {
    tx: &'a Tx,
    import: &'a contact_import::Model,
    layout: &'a Layout,
    known: Vec<custom_field::Model>,
    owners: HashMap<String, BTreeSet<Uuid>>,
    people: BTreeMap<Uuid, Person>,
    taken: Taken,
}

/// Takes some rows of a file: a person who is in it twice, or was there before, is one contact, by an id of ours or else by address
/// and number. A row that cannot be taken is told of and harms no other.
pub(crate) async fn run(
    tx: &Tx,
    import: &contact_import::Model,
    layout: &Layout,
    rows: &[Row],
    imagined: &Imagined,
) -> Result<Taken> {
    let country = settings::get(tx).await?.country;
    let known = custom_fields::all(tx, Some(&Of::Contact.to_string())).await?;
    let told: Vec<(u64, Result<Told>)> = rows
        .iter()
        .map(|row| {
            let cells = row.cells.as_ref().map_err(|unread| (*unread).into());
            (row.number, cells.and_then(|cells| layout.read(cells, &country, &known)))
        })
        .collect();
    let keys: BTreeSet<String> =
        told.iter().filter_map(|(_, told)| told.as_ref().ok()).flat_map(Told::keys).collect();
    let mut ids: BTreeSet<Uuid> = told.iter().filter_map(|(_, told)| told.as_ref().ok()?.id).collect();
    let mut owners = addresses::owners(tx, keys.iter().cloned()).await?;
    for key in keys {
        if let Some(id) = imagined.get(&key) {
            owners.entry(key).or_default().insert(*id);
        }
    }
    let known_by: BTreeSet<Uuid> = owners.values().flatten().copied().collect();
    ids.extend(&known_by);
    let mut people = contact_lists::take_all(tx, ids.into_iter().collect()).await?;
    if people.iter().any(|person| person.merged_into.is_some() && known_by.contains(&person.id)) {
        return Err(Error::conflict("conflict", "a contact became part of another one at this very moment"));
    }
    // who became part of another one before is there by no id any more
    people.retain(|person| person.merged_into.is_none());
    let person = |row: contact::Model| (row.id, Person { before: Some(row.clone()), now: row });
    let people = people.into_iter().map(person).collect();
    let mut desk = Desk { tx, import, layout, known, owners, people, taken: Taken::default() };
    for (number, told) in told {
        if let Err(error) = told.and_then(|told| desk.take(&told)) {
            desk.refuse(number, &error)?;
        }
    }
    desk.close().await
}

impl Desk<'_> {
    fn take(&mut self, told: &Told) -> Result<()> {
        let is_there = |id: &Uuid| self.people.get(id).is_some_and(|person| !person.now.is_group);
        let whose: BTreeSet<Uuid> = match told.id.filter(is_there) {
            Some(id) => BTreeSet::from([id]),
            None => told.keys().filter_map(|key| self.owners.get(&key)).flatten().copied().collect(),
        };
        let id = match whose.len() {
            0 => self.create(told)?,
            1 => self.update(&whose, told)?,
            count => {
                let words = format!(
                    "{count} contacts have this address or number: merge them, or give one of the two"
                );
                return Err(Error::conflict("ambiguous_contact", words));
            }
        };
        for key in told.keys() {
            self.owners.entry(key.clone()).or_default().insert(id);
            if self.import.dry_run {
                self.taken.imagined.insert(key, id);
            }
        }
        Ok(())
    }

    fn create(&mut self, told: &Told) -> Result<Uuid> {
        told.names_somebody()?;
        let now = self.tx.now();
        let mut row = contact::Model {
            tenant_id: self.tx.tenant().uuid(),
            id: Uuid::now_v7(),
            name: told.called(),
            is_group: false,
            email: None,
            phone: None,
            language: None,
            merged_into: None,
            fields: Values::default(),
            tags: Words::default(),
            blocked_at: None,
            created_at: now,
            updated_at: now,
        };
        told.apply(&mut row, &self.known)?;
        self.taken.created += 1;
        let id = row.id;
        self.people.insert(id, Person { before: None, now: row });
        Ok(id)
    }

    fn update(&mut self, whose: &BTreeSet<Uuid>, told: &Told) -> Result<Uuid> {
        let id = whose.first().copied().unwrap_or_default();
        if self.import.skips {
            let words = "a contact has this id, address or number already, and those are to be left alone";
            return Err(Error::conflict("contact_exists", words));
        }
        // whom a dry run imagined is not here
        if let Some(person) = self.people.get_mut(&id) {
            let mut row = person.now.clone();
            told.apply(&mut row, &self.known)?;
            person.now = row;
        }
        self.taken.updated += 1;
        Ok(id)
    }

    fn refuse(&mut self, number: u64, error: &Error) -> Result<()> {
        let heading = match error.field() {
            Some("add_tags") => self.layout.heading_of("tags"),
            Some(field) if field.starts_with(crate::contact_rows::FIELD) => self.layout.heading_of(field),
            field => field.unwrap_or_default(),
        };
        self.taken.errors.push(contact_import_error::Model {
            tenant_id: self.tx.tenant().uuid(),
            import_id: self.import.id,
            row_number: count(number)?,
            heading: heading.to_owned(),
            reason: error.reason().to_owned(),
            message: error.message().to_owned(),
        });
        Ok(())
    }

    /// Writes what has changed, and tells of it.
    async fn close(self) -> Result<Taken> {
        let Self { tx, import, people, taken, .. } = self;
        if import.dry_run {
            return Ok(taken);
        }
        let (mut created, mut changed, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for person in people.into_values() {
            let Person { before, mut now } = person;
            match before {
                None => created.push(now),
                Some(before) if before != now => {
                    now.updated_at = tx.now();
                    if (&before.email, &before.phone) != (&now.email, &now.phone) {
                        moved.push(now.clone());
                    }
                    changed.push(now);
                }
                Some(_) => {}
            }
        }
        contacts::insert_all(tx, created.clone()).await?;
        contacts::save_all(tx, changed.clone()).await?;
        addresses::add_new(tx, &created).await?;
        for row in &moved {
            addresses::replace(tx, row).await?;
        }
        let tagged = created.iter().filter(|row| !row.tags.0.is_empty());
        let tagged: Vec<&contact::Model> = tagged.chain(&changed).collect();
        contact_tags::follow(tx, &tagged).await?;
        created.iter().try_for_each(|row| events::contact_created(tx, row, &[]))?;
        let identities = contacts::identities(tx, changed.iter().map(|row| row.id).collect()).await?;
        changed.iter().try_for_each(|row| events::contact_updated_with(tx, row, &identities))?;
        Ok(taken)
    }
}
