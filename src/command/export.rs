//! `crm-widgets export`: a site's submissions as CSV for spreadsheets or as JSON lines for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use crm_protocol::submission::Consent;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::command::{csv, out};
use crate::config::Config;
use crate::error::Error;
use crate::sites::Sites;
use crate::store::Store;
use crate::store::submissions::{Submission, Submissions};

/// How many submissions are read at once.
const PAGE: u32 = 500;

/// Columns in front of the answers, and the members of `context` behind them.
const FRONT: [&str; 7] = ["id", "receivedAt", "receipt", "form", "version", "lang", "spam"];
const CONTEXT: [&str; 4] = ["page", "referrer", "language", "timeZone"];

/// Writes submissions, oldest first.
#[derive(Args)]
pub struct Export {
    /// Key of the site
    #[arg(long)]
    site: String,
    /// Only of this form
    #[arg(long)]
    form: Option<String>,
    /// csv: safe for spreadsheets, a column for each field. jsonl: everything, one object per line
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

/// A submission with its body read.
struct Entry {
    submission: Submission,
    consents: Vec<Consent>,
    body: Map<String, Value>,
}

impl Export {
    /// Writes them all.
    ///
    /// # Errors
    /// The site is unknown; the database's refusal; the file cannot be written.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let store = Store::open(&config.database.parse()?).await?;
        let failed = |cause| match &self.output {
            Some(path) => Error::File { path: path.display().to_string(), cause },
            None => out::failed(cause),
        };
        let columns = self.columns(&store).await?;
        let mut output = self.open().map_err(failed)?;
        if let Format::Csv = self.format {
            let names = columns.iter().map(String::as_str);
            write!(output, "{}{}", csv::BOM, csv::line(names)).map_err(failed)?;
        }
        let mut pages = Pages::new(&store, &self.site, self.form.as_deref());
        while let Some(entries) = pages.next().await? {
            for entry in entries {
                let line = match self.format {
                    Format::Csv => entry.csv(&columns),
                    Format::Jsonl => format!("{}\n", entry.json()),
                };
                output.write_all(line.as_bytes()).map_err(failed)?;
            }
        }
        output.flush().map_err(failed)
    }

    fn open(&self) -> io::Result<Box<dyn Write>> {
        Ok(match &self.output {
            Some(path) => Box::new(BufWriter::new(File::create(path)?)),
            None => Box::new(BufWriter::new(io::stdout().lock())),
        })
    }

    /// Fields in the order of the forms as they are now, then those that only older submissions have.
    async fn columns(&self, store: &Store) -> Result<Vec<String>, Error> {
        let sites = Sites::load(store.clone()).await?;
        let site = super::site(&sites, &self.site)?;
        let forms =
            site.definition.forms.iter().filter(|form| self.form.as_ref().is_none_or(|id| *id == form.id));
        let mut names: Vec<String> = Vec::new();
        for field in forms.flat_map(|form| form.fields()) {
            if !names.contains(&field.name) {
                names.push(field.name.clone());
            }
        }
        let (mut older, mut purposes) = (BTreeSet::new(), BTreeSet::new());
        let mut pages = Pages::new(store, &self.site, self.form.as_deref());
        while let Some(entries) = pages.next().await? {
            for entry in &entries {
                older.extend(entry.answers().keys().filter(|name| !names.contains(name)).cloned());
                purposes.extend(entry.consents.iter().map(|consent| format!("consent.{}", consent.purpose)));
            }
        }
        let front = FRONT.map(str::to_owned).into_iter();
        let answers = names.into_iter().chain(older).map(|name| format!("answer.{name}"));
        let context = CONTEXT.map(|name| format!("context.{name}"));
        let campaign = crm_protocol::submission::CAMPAIGN.map(|name| format!("campaign.{name}"));
        Ok(front.chain(answers).chain(purposes).chain(context).chain(campaign).collect())
    }
}

/// Reads page after page.
struct Pages<'a> {
    store: &'a Store,
    next: Submissions,
}

impl<'a> Pages<'a> {
    fn new(store: &'a Store, site: &str, form: Option<&str>) -> Self {
        let form = form.map(str::to_owned);
        Self { store, next: Submissions { site: site.to_owned(), form, after: None, limit: PAGE } }
    }

    async fn next(&mut self) -> Result<Option<Vec<Entry>>, Error> {
        let found = self.store.run(self.next.clone()).await?;
        self.next.after = found.last().map(|(submission, _)| submission.id).or(self.next.after);
        let entries: Vec<_> = found.into_iter().map(Entry::new).collect();
        Ok(Some(entries).filter(|entries| !entries.is_empty()))
    }
}

impl Entry {
    fn new((submission, consents): (Submission, Vec<Consent>)) -> Self {
        let mut body: Map<String, Value> = serde_json::from_str(&submission.body).unwrap_or_default();
        // The token opens the file: it is the CRM's, and not for a list that is passed around.
        let uploads = body.get_mut("uploads").and_then(Value::as_array_mut);
        for upload in uploads.into_iter().flatten().filter_map(Value::as_object_mut) {
            upload.remove("token");
        }
        Self { submission, consents, body }
    }

    fn answers(&self) -> Map<String, Value> {
        self.body.get("answers").and_then(Value::as_object).cloned().unwrap_or_default()
    }

    fn received_at(&self) -> String {
        Timestamp::from_millisecond(self.submission.received_at).unwrap_or_default().to_string()
    }

    fn json(&self) -> Value {
        let Submission { id, site, form, version, lang, receipt, .. } = &self.submission;
        let mut object = json!({
            "id": id, "receivedAt": self.received_at(), "receipt": receipt, "site": site, "form": form,
            "version": version, "lang": lang, "consents": self.consents,
        });
        if let Some(object) = object.as_object_mut() {
            object.extend(self.body.clone());
        }
        object
    }

    fn csv(&self, columns: &[String]) -> String {
        let cells = self.cells();
        csv::line(columns.iter().map(|column| cells.get(column).map_or("", String::as_str)))
    }

    /// The cells by column.
    fn cells(&self) -> BTreeMap<String, String> {
        let flat = self.json();
        let front = FRONT.iter().map(|name| ((*name).to_owned(), text(&flat[name])));
        let answers = self.answers();
        let answers = answers.iter().map(|(name, answer)| (format!("answer.{name}"), text(answer)));
        let consents = self.consents.iter().map(|consent| {
            let granted = if consent.granted { "yes" } else { "no" };
            (format!("consent.{}", consent.purpose), format!("{granted} ({})", consent.version))
        });
        let context = CONTEXT.iter().map(|name| (format!("context.{name}"), text(&flat["context"][name])));
        let campaign = flat["context"]["campaign"].as_object().into_iter().flatten();
        let campaign = campaign.map(|(name, value)| (format!("campaign.{name}"), text(value)));
        front.chain(answers).chain(consents).chain(context).chain(campaign).collect()
    }
}

/// A cell for a person: lists and rows on one line.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join("; "),
        Value::Object(rows) => {
            rows.iter().map(|(row, value)| format!("{row}: {}", text(value))).collect::<Vec<_>>().join("; ")
        }
    }
}
