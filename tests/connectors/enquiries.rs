//! What a CRM has after enquiries that went well.

use std::sync::Arc;
use std::time::Duration;

use super::{EMAIL, PHONE, Stage, enquiry, of_every_connector};

of_every_connector!(
    an_enquiry_becomes_one_person_and_one_note,
    another_enquiry_becomes_a_note_on_the_same_person,
    enquiries_at_the_same_time_become_one_person,
    a_search_that_lags_makes_no_second_person,
    a_person_whom_the_crm_knows_already_is_found,
);

async fn an_enquiry_becomes_one_person_and_one_note(stage: Stage) {
    let one = enquiry();
    stage.deliver(&one).await;
    stage.assert_one_person_with_notes(&[&one]);
    let person = &stage.crm.people()[0];
    assert_eq!(person.email, EMAIL);
    assert_eq!(person.phone, PHONE);
}

async fn another_enquiry_becomes_a_note_on_the_same_person(stage: Stage) {
    let (one, two) = (enquiry(), enquiry());
    stage.deliver(&one).await;
    stage.deliver(&two).await;
    stage.assert_one_person_with_notes(&[&one, &two]);
}

async fn enquiries_at_the_same_time_become_one_person(stage: Stage) {
    let stage = Arc::new(stage);
    let enquiries: Vec<_> = (0..4).map(|_| enquiry()).collect();
    let mut waiting: Vec<_> = enquiries.iter().collect();
    // A delivery that finds another of the same person under way comes back.
    while !waiting.is_empty() {
        let attempts = waiting.iter().map(|delivery| stage.attempt(delivery));
        let reports = futures_util::future::join_all(attempts).await;
        let later = |report: &crm_widgets::connector::Report| {
            matches!(report.outcome, crm_widgets::connector::Outcome::Later { .. })
        };
        for report in reports.iter().filter(|report| !later(report)) {
            let delivered = matches!(report.outcome, crm_widgets::connector::Outcome::Delivered { .. });
            assert!(delivered, "{}: {report:?}", stage.crm.name());
        }
        let again: Vec<_> = waiting.iter().zip(&reports).filter(|(_, report)| later(report)).collect();
        waiting = again.into_iter().map(|(delivery, _)| *delivery).collect();
    }
    stage.assert_one_person_with_notes(&enquiries.iter().collect::<Vec<_>>());
}

async fn a_search_that_lags_makes_no_second_person(stage: Stage) {
    stage.crm.lag(Duration::from_secs(3600));
    let (one, two) = (enquiry(), enquiry());
    stage.deliver(&one).await;
    stage.deliver(&two).await;
    stage.assert_one_person_with_notes(&[&one, &two]);
}

/// The gateway remembers nothing of the person, since its database is new.
async fn a_person_whom_the_crm_knows_already_is_found(stage: Stage) {
    let (one, two) = (enquiry(), enquiry());
    stage.deliver(&one).await;
    let stage = Stage { book: crm_widgets::connector::memory::Book::default(), ..stage };
    stage.deliver(&two).await;
    stage.assert_one_person_with_notes(&[&one, &two]);
}
