"""Opinions: their codes, their thread, what gathers them and what prepares them."""

from feedback.models.codes import BoardPoint, DueRule, Matter, OpinionMonth, RoutingRule, Topic
from feedback.models.meetings import BasketItem, LedgerImport, ReadBack
from feedback.models.opinion import (
    Extension,
    Follower,
    Initiative,
    Milestone,
    NamedReader,
    Opinion,
    OpinionFile,
    OpinionMove,
    SavedFilter,
    Spread,
    Support,
)

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
