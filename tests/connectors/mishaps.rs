//! What a CRM has after something went wrong on the way.

use std::time::Duration;

use super::{Stage, enquiry, of_every_connector};
use crate::support::crms::mishap::{Mishap, Moment};

of_every_connector!(
    an_answer_that_is_lost_makes_nothing_twice,
    a_500_after_the_effect_makes_nothing_twice,
    a_gateway_that_dies_at_any_request_goes_on_where_it_stopped,
    a_crm_that_limits_is_left_alone_and_loses_nothing,
    a_token_that_has_expired_is_replaced_once,
);

/// More requests than any connector makes for one enquiry.
const MANY: usize = 16;

async fn an_answer_that_is_lost_makes_nothing_twice(stage: Stage) {
    after_each_request(stage, |_| Mishap::Lose).await;
}

async fn a_500_after_the_effect_makes_nothing_twice(stage: Stage) {
    after_each_request(stage, |_| Mishap::Fail).await;
}

/// At every boundary: before the request takes effect, and after it has, while nobody has heard the answer.
async fn a_gateway_that_dies_at_any_request_goes_on_where_it_stopped(stage: Stage) {
    for moment in [Moment::Before, Moment::After] {
        for n in 1..MANY {
            let stage = stage.anew().await;
            let one = enquiry();
            stage.crm.hold_at(n, moment);
            let died = tokio::select! {
                _ = stage.attempt(&one) => false,
                () = stage.crm.held() => true,
            };
            stage.crm.calm();
            stage.book.age();
            stage.deliver(&one).await;
            stage.assert_one_person_with_notes(&[&one]);
            if !died {
                assert!(n > 1, "{}: no request was held", stage.crm.name());
                break;
            }
        }
    }
}

async fn a_crm_that_limits_is_left_alone_and_loses_nothing(stage: Stage) {
    after_each_request(stage, |n| match n % 3 {
        0 => Mishap::Limited,
        1 => Mishap::TooMany(Some(2)),
        _ => Mishap::TooMany(None),
    })
    .await;
}

async fn a_token_that_has_expired_is_replaced_once(stage: Stage) {
    let (one, two) = (enquiry(), enquiry());
    stage.deliver(&one).await;
    stage.crm.expire_tokens();
    let before = stage.crm.requests().len();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let report = stage.attempt(&two).await;
    let delivered = matches!(report.outcome, crm_widgets::connector::Outcome::Delivered { .. });
    assert!(delivered, "{}: in one attempt: {report:?}", stage.crm.name());
    let refused = stage.crm.requests()[before..].iter().filter(|request| request.status == Some(401)).count();
    assert!(refused <= 1, "{}: refused {refused} times", stage.crm.name());
    assert_eq!(stage.crm.people().len(), 1);
    assert_eq!(stage.crm.notes().len(), 2);
}

/// The same enquiry again and again, each time with another of its requests hit.
async fn after_each_request(stage: Stage, mishap: fn(usize) -> Mishap) {
    for n in 1..MANY {
        let stage = stage.anew().await;
        let one = enquiry();
        stage.crm.at(n, mishap(n));
        let first = stage.attempt(&one).await;
        let unhurt = stage.crm.requests().len() < n;
        stage.book.age();
        stage.deliver(&one).await;
        stage.assert_one_person_with_notes(&[&one]);
        if unhurt {
            assert!(n > 1, "{}: no request was hit: {first:?}", stage.crm.name());
            break;
        }
    }
}
