"""Figures said in speeches: pinned with their definition, counted again every night, told when they no longer hold."""
