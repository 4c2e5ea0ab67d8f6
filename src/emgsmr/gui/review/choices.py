"""What is chosen from lists: which analysis is shown, and which pairs the next one watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QMenu, QToolButton, QWidget

from emgsmr.anatomy import load_catalog

if TYPE_CHECKING:
    from emgsmr.gui.review.model import Review


class ResultChoice(QComboBox):
    """Every analysis so far, with its number of findings."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listed: tuple[int, ...] = ()
        self.setAccessibleName("Which analysis is shown")
        self.addItem("not analyzed yet")
        self.setMinimumWidth(230)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_values(self, review: Review) -> None:
        """List the review's results anew if there are others than before."""
        listed = tuple(map(id, review.results))
        if listed == self._listed:
            return
        self._listed = listed
        self.clear()
        for place, result in enumerate(review.results):
            n = len([finding for finding in result.findings if finding.tier])
            self.addItem(f"{result.name}: {n} finding{'s' * (n != 1)}")
            self.setItemData(place, "\n".join(result.summary), Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(review.shown)
        if review.result is not None:
            self.setToolTip("\n".join(review.result.summary))


class PairsButton(QToolButton):
    """A menu of all pairs; those whose muscles were not recorded cannot be chosen.

    Parameters
    ----------
    review : Review
        Told the choice; the usual pairs are None.
    """

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.review = review
        self.pairs: dict[str, QAction] = {}
        menu = QMenu(self)
        there = {channel.name.rpartition("_")[0] for channel in review.signal.channels}
        for pair in load_catalog().pairs.values():
            if pair.status not in ("on", "optional"):
                continue
            action = menu.addAction(f"{pair.id}  {pair.prime_name} : {pair.compensator_name}")
            action.setCheckable(True)
            action.setChecked(pair.enabled)
            parts = ({*pair.prime, pair.prime_name}, {*pair.compensator, pair.compensator_name})
            action.setEnabled(all(part & there for part in parts))
            action.toggled.connect(self._changed)
            self.pairs[pair.id] = action
        self._usual = self._chosen()
        self.setText("Pairs ")
        self.setToolTip("Which pairs the next analysis watches")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(menu)
        self.setMinimumHeight(32)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _chosen(self) -> tuple[str, ...]:
        return tuple(key for key, action in self.pairs.items() if action.isChecked())

    def _changed(self) -> None:
        chosen = self._chosen()
        self.review.pairs = None if chosen == self._usual or not chosen else chosen
