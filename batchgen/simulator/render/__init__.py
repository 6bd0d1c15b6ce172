"""Preview files of a simulated video: storyboard clips, subtitles, thumbnails, GIFs."""
