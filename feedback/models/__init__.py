"""Opinions: their codes, their thread, what gathers them and what prepares them."""

from feedback.models.codes import DueRule, RoutingRule, Topic
from feedback.models.initiative import Initiative, Spread
from feedback.models.ledger import LedgerImport
from feedback.models.matter import BoardPoint, Matter
from feedback.models.opinion import Opinion, OpinionMove
from feedback.models.preparation import BasketItem, ReadBack
from feedback.models.tally import OpinionMonth
from feedback.models.thread import Extension, Follower, Milestone, NamedReader, OpinionFile, SavedFilter, Support

__all__ = [
    "BasketItem",
    "BoardPoint",
    "DueRule",
    "Extension",
    "Follower",
    "Initiative",
    "LedgerImport",
    "Matter",
    "Milestone",
    "NamedReader",
    "Opinion",
    "OpinionFile",
    "OpinionMonth",
    "OpinionMove",
    "ReadBack",
    "RoutingRule",
    "SavedFilter",
    "Spread",
    "Support",
    "Topic",
]
