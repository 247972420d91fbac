//! A bar below the distribution: the hops that removal consists of, on the same axis of time.

use super::HopShare;
use crate::font::{self, Weight};
use crate::number;
use crate::scale::Scale;
use crate::scene::{Anchor, Rect};
use crate::sheet::{Key, Sheet, Symbol, legend_height};
use crate::theme::{LABEL_PX, SMALL_PX, Theme};

/// Height of the bar, px.
const BAR_PX: f64 = 16.0;
/// Height of its title, px.
const TITLE_PX: f64 = 22.0;

fn keys(theme: Theme, hops: &[HopShare]) -> Vec<Key> {
    let key = |hop: &HopShare| {
        let name = format!("{} {}", hop.hop.name().replace('_', " "), number::duration(hop.mean_s));
        Key::new(Symbol::Fill(theme.hop(hop.hop)), name)
    };
    hops.iter().filter(|hop| hop.mean_s > 0.0).map(key).collect()
}

/// Height that the bar needs, px; zero without hops.
pub(super) fn room(sheet: &Sheet, hops: &[HopShare]) -> f64 {
    let keys = keys(sheet.theme, hops);
    if keys.is_empty() {
        return 0.0;
    }
    TITLE_PX + BAR_PX + 6.0 + legend_height(Sheet::LEFT, &keys)
}

/// Draws it at the bottom of the sheet.
pub(super) fn draw(sheet: &mut Sheet, hops: &[HopShare], panel: &Rect, x: &Scale) {
    let theme = sheet.theme;
    let keys = keys(theme, hops);
    let top = sheet.bottom - room(sheet, hops) + TITLE_PX;
    let total: f64 = hops.iter().map(|hop| hop.mean_s).sum();
    let title = format!("mean removal {}, by hop", number::duration(total));
    let title = font::shorten(&title, LABEL_PX, Weight::Regular, panel.width());
    let colour = theme.text();
    let at = (Sheet::LEFT, top - TITLE_PX / 2.0);
    sheet.scene.label(at, &title, LABEL_PX, colour, Anchor::Start);
    let mut from = 0.0;
    for hop in hops {
        let to = from + hop.mean_s;
        let bar = Rect::new(x.at(from), top, x.at(to), top + BAR_PX);
        sheet.scene.rect(bar, theme.hop(hop.hop));
        from = to;
    }
    let below = top + BAR_PX + SMALL_PX / 2.0;
    sheet.legend_at(Sheet::LEFT, below, &keys);
}
