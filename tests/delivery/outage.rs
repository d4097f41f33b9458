//! A CRM that is down for three days, against the real program and its usual schedule. The hours are simulated, and so
//! is nothing else.

use serde_json::json;

use crate::on_both_engines;
use crate::support::clock::{Clock, HOUR};
use crate::support::crm::{Answer, Crm};
use crate::support::database::Database;
use crate::support::program::Program;
use crate::support::report;

on_both_engines!(a_crm_that_is_down_for_three_days_loses_nothing);

/// When visitors enquire, in hours after the CRM went down.
const ENQUIRIES: [i64; 8] = [0, 0, 1, 6, 18, 36, 54, 71];

/// How long it is down.
const OUTAGE: i64 = 72 * HOUR;

async fn a_crm_that_is_down_for_three_days_loses_nothing(database: Database) {
    let crm = Crm::start().await;
    crm.always(Answer::Status(503));
    let connections = json!([{
        "name": "crm", "connector": "webhook", "url": crm.url, "secrets": {"signing": {"env": "CRM_SECRET"}},
        "allowPrivate": true, "timeoutSeconds": 1
    }]);
    let mut program = Program::new(&database.url, connections);
    program.start_as_usual().await;
    let mut clock = Clock::of(&database).await;
    for (number, hour) in ENQUIRIES.into_iter().enumerate() {
        clock.pass_until(hour * HOUR).await;
        program.visitor().send(&format!("key-of-enquiry-{number}"), "请回电").await.expect("a receipt");
    }
    clock.pass_until(OUTAGE).await;
    assert!(crm.effects().is_empty());
    let refused = crm.received().len();
    assert!(refused > 8 * ENQUIRIES.len(), "{refused} attempts: every retry was made");

    crm.always(Answer::Accept(200));
    clock.pass_until_delivered().await;
    assert_eq!(program.undelivered(), "", "nothing was given up");
    let (effects, repeats) = (crm.effects(), crm.received().len() - refused - ENQUIRIES.len());
    let lost = ENQUIRIES.len() - effects.len();
    let twice = effects.values().filter(|effects| **effects > 1).count() + repeats;
    report(&format!(
        "{}: 72 h simulated: {} accepted, {} delivered, {lost} lost, {twice} twice, {} attempts; all there {} min after the CRM was back",
        if database.dir.is_some() { "sqlite" } else { "postgres" },
        ENQUIRIES.len(),
        effects.len(),
        crm.received().len(),
        (clock.passed() - OUTAGE) / 60_000,
    ));
    assert_eq!((lost, twice), (0, 0));
}
