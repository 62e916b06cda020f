from apps.integrations.adapters.zosmf.client import Access, Client, Trouble, UnknownJob

__all__ = ["Access", "Client", "Trouble", "UnknownJob"]
