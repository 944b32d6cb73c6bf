using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Interline.Tests")]
