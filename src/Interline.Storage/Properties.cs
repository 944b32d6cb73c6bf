using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Interline.Storage.Tests")]
