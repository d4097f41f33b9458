//! Times of day as texts, `HH:MM`, and as minutes of the day.

use crate::definitions::booking::Span;

/// Minutes since midnight, 0–1,440 (`24:00`).
pub fn minute(text: &str) -> Option<u32> {
    let (hours, minutes) =
        text.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
    let (hours, minutes) = (digits(hours)?, digits(minutes).filter(|minutes| *minutes < 60)?);
    Some(hours * 60 + minutes).filter(|minute| *minute <= 24 * 60)
}

/// First and last minute of the span; `None` when they are no times or in the wrong order.
pub fn span(span: &Span) -> Option<(u32, u32)> {
    let (from, to) = (minute(&span.from)?, minute(&span.to)?);
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_of_a_day_are_read() {
        assert_eq!(minute("00:00"), Some(0));
        assert_eq!(minute("24:00"), Some(1_440));
        for wrong in ["24:05", "7:00", "07:60", "+7:00", "07:0", "0700", ""] {
            assert_eq!(minute(wrong), None, "{wrong}");
        }
    }
}
