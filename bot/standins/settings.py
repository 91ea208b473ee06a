"""What an operator sets so that a bot works on the stand-ins: names and values of settings."""

from __future__ import annotations

from bot.standins.dingtalk import DingtalkStandin
from bot.standins.wecom import WecomStandin


def wecom_settings(standin: WecomStandin) -> dict[str, str]:
    """For a started stand-in: a self-built app and an AI bot by URL callback."""
    account = standin.account
    return {
        "QZ_WECOM__API_BASE": standin.post.base,
        "QZ_WECOM__CORP_ID": account.corp_id,
        "QZ_WECOM__APP__AGENT_ID": str(account.agent_id),
        "QZ_WECOM__APP__SECRET": account.secret,
        "QZ_WECOM__APP__TOKEN": account.app_token,
        "QZ_WECOM__APP__ENCODING_AES_KEY": account.app_key,
        "QZ_WECOM__AIBOT__BOT_ID": account.bot_id,
        "QZ_WECOM__AIBOT__NAME": account.bot_name,
        "QZ_WECOM__AIBOT__TOKEN": account.bot_token,
        "QZ_WECOM__AIBOT__ENCODING_AES_KEY": account.bot_key,
    }


def dingtalk_settings(standin: DingtalkStandin) -> dict[str, str]:
    """For a started stand-in: a robot by Stream."""
    return {
        "QZ_DINGTALK__API_BASE": standin.base_url,
        "QZ_DINGTALK__OAPI_BASE": standin.base_url,
        "QZ_DINGTALK__CLIENT_ID": standin.client_id,
        "QZ_DINGTALK__CLIENT_SECRET": standin.client_secret,
        "QZ_DINGTALK__ROBOT_CODE": standin.robot_code,
    }
